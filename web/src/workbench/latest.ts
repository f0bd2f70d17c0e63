// SPDX-License-Identifier: Apache-2.0
// While a question is out, only the newest of those that come is kept: a knob that is dragged asks as fast as it is
// answered, and never falls behind.

export class Latest<Q> {
  private busy = false;
  private next: Q | null = null;

  constructor(
    private readonly work: (question: Q) => Promise<void>,
    private readonly failed: (error: unknown, question: Q) => void,
  ) {}

  ask(question: Q): void {
    this.next = question;
    if (!this.busy) void this.drain();
  }

  private async drain(): Promise<void> {
    this.busy = true;
    while (this.next !== null) {
      const question = this.next;
      this.next = null;
      try {
        await this.work(question);
      } catch (error) {
        this.failed(error, question);
      }
    }
    this.busy = false;
  }
}
