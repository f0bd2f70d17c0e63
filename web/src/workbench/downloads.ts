// SPDX-License-Identifier: Apache-2.0
// What can be taken home: the platform file, a power mode, the report.
import { h } from "../base/dom";

export function save(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
