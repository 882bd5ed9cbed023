/**
 * Names for the lanes of the socket. A server may limit how many names one connection uses (OpenAI: 32), so a name is
 * used again, but only after the run that had it ended properly: stray frames of a lost one must not reach another.
 */
export class Lanes {
  private readonly free: string[] = [];
  private made = 0;

  take(): string {
    const name = this.free.pop();
    if (name !== undefined) return name;
    this.made += 1;
    return `page-${this.made}`;
  }

  giveBack(name: string): void {
    if (!this.free.includes(name)) this.free.push(name);
  }
}
