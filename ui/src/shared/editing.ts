/** Which message is being edited where it stands; one at a time. */
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

const store = createStore<{ readonly id: string | null }>(() => ({ id: null }));

export function beginEditing(id: string): void {
  store.setState({ id });
}

export function endEditing(): void {
  store.setState({ id: null });
}

export function useIsEdited(id: string): boolean {
  return useStore(store, (state) => state.id === id);
}
