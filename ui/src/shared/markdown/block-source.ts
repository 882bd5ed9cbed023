import { createContext } from "react";

interface Source {
  /** Of the block that is being drawn; places in its tree are places in it. */
  readonly text: string;
  /** More of it may come. */
  readonly isOpen: boolean;
}

export const BlockSource = createContext<Source>({ text: "", isOpen: false });
