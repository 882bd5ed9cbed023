/** The id of the answers that stand side by side: how the focus gets there. */
export const COLUMNS_ID = "columns";
