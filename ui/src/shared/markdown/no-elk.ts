/** Stands in for a layout engine of mermaid's that is large and under another kind of licence: it is not shipped. */
export default class NoElk {
  layout(): Promise<never> {
    return Promise.reject(new Error("the layout elk is not part of this page"));
  }
}
