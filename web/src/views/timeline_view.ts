// SPDX-License-Identifier: Apache-2.0
// The window of time that a timeline shows, and how far it may be moved.

export class TimeWindow {
  begin = 0;
  end: number;

  constructor(private readonly whole: number) {
    this.end = whole > 0 ? whole : 1e-9;
    this.whole = this.end;
  }

  get length(): number {
    return this.end - this.begin;
  }

  /** How often the window fits into the whole. */
  get factor(): number {
    return this.whole / this.length;
  }

  fit(): void {
    this.set(0, this.whole);
  }

  /** Keeps `at` where it is; a factor above one comes nearer. */
  zoom(factor: number, at: number): void {
    const length = Math.min(this.whole, Math.max(this.whole * 1e-7, 1e-11, this.length / factor));
    const share = (at - this.begin) / this.length;
    const begin = at - share * length;
    this.set(begin, begin + length);
  }

  /** Moves by a share of its own length. */
  pan(share: number): void {
    const step = share * this.length;
    this.set(this.begin + step, this.end + step);
  }

  set(begin: number, end: number): void {
    const length = Math.min(end - begin, this.whole);
    this.begin = Math.max(0, Math.min(begin, this.whole - length));
    this.end = this.begin + length;
  }
}
