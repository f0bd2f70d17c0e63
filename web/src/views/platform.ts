// SPDX-License-Identifier: Apache-2.0
// The platform as a diagram: devices above, links between, memories below; bars say how busy each was.
import { h, picture, svg } from "../base/dom";
import { NONE, percent, quantity, shortened } from "../base/format";
import { hueClass } from "../base/palette";
import { missing, note, plainTable } from "../base/parts";
import { parseQuantity } from "../base/units";
import type { Platform, PlatformPart } from "../data/document";
import type { Cache, Device, Memory } from "../data/report";

const BOX = { width: 184, height: 92, gap: 14 } as const;
const BUS = 40;
const LINE = 30;

interface Parts {
  readonly platform: Platform | undefined;
  readonly devices: readonly Device[];
  readonly memories: readonly Memory[];
  readonly caches: readonly Cache[];
  readonly moved: Record<string, { load_bytes: number; store_bytes: number }>;
  readonly endS: number;
}

interface Box {
  readonly title: string;
  readonly kind: string;
  readonly share: number | undefined;
  readonly hue: string;
  readonly lines: readonly string[];
}

function text(part: PlatformPart | undefined, ...names: string[]): string {
  const words = names
    .map((name) => part?.[name])
    .filter((value) => typeof value === "string" || typeof value === "number");
  return words.map(String).join(" ");
}

function deviceBox(device: Device, parts: Parts): Box {
  const stated = parts.platform?.devices?.[device.name];
  const moved = parts.moved[device.name];
  const cores = typeof stated?.["cores"] === "number" && stated["cores"] > 1 ? `${stated["cores"]} × ` : "";
  const clock = text(stated, "clock");
  const lines = [`${quantity(device.macs, "")} MACs`];
  if (moved !== undefined) lines.push(`${quantity(moved.load_bytes, "B")} in, ${quantity(moved.store_bytes, "B")} out`);
  return {
    title: device.name,
    kind: [device.type ?? "", clock === "" ? "" : `${cores}${clock}`].filter((word) => word !== "").join(", "),
    share: device.utilisation,
    hue: "--hue-0",
    lines,
  };
}

function memoryBox(memory: Memory, parts: Parts): Box {
  const stated = parts.platform?.memories?.[memory.name];
  const channels =
    stated?.["channels"] === undefined ? "" : `${String(stated["channels"])} × ${text(stated, "channel_bits")} bit`;
  return {
    title: memory.name,
    kind: [text(stated, "standard", "bandwidth") || text(stated, "type"), channels]
      .filter((word) => word !== "")
      .join(", "),
    share: memory.bandwidth_utilisation,
    hue: "--hue-1",
    lines: [`${quantity(memory.read_bytes, "B")} read`, `${quantity(memory.written_bytes, "B")} written`],
  };
}

function drawBox(box: Box, x: number, y: number): SVGGElement {
  const inner = BOX.width - 20;
  const group = svg("g", { transform: `translate(${x},${y})`, "data-name": box.title, "data-value": box.share });
  group.append(
    svg("title", {}, `${box.title}: ${box.kind}`),
    svg("rect", { width: BOX.width, height: BOX.height, rx: 3, class: "box" }),
    svg("text", { x: 10, y: 19, class: "strong" }, shortened(box.title, 15)),
    svg("text", { x: BOX.width - 10, y: 19, "text-anchor": "end" }, percent(box.share)),
    svg("text", { x: 10, y: 36, class: "small muted" }, shortened(box.kind, 27)),
    svg("rect", { x: 10, y: 43, width: inner, height: 8, class: "track" }),
    svg("rect", {
      x: 10,
      y: 43,
      width: inner * Math.min(1, box.share ?? 0),
      height: 8,
      class: `area ${hueClass(box.hue)}`,
    }),
  );
  box.lines.forEach((line, i) => group.append(svg("text", { x: 10, y: 67 + 15 * i, class: "small" }, line)));
  return group;
}

/** Left edges of boxes of a row, in the middle of the width. */
function places(count: number, width: number): number[] {
  const all = count * BOX.width + (count - 1) * BOX.gap;
  return Array.from({ length: count }, (_, i) => (width - all) / 2 + i * (BOX.width + BOX.gap));
}

function rows<T>(items: readonly T[], most: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += most) out.push(items.slice(i, i + most));
  return out;
}

function diagram(parts: Parts, width: number): SVGSVGElement {
  const most = Math.max(1, Math.floor((width + BOX.gap) / (BOX.width + BOX.gap)));
  const above = rows(
    parts.devices.map((device) => deviceBox(device, parts)),
    most,
  );
  const below = rows(
    parts.memories.map((memory) => memoryBox(memory, parts)),
    most,
  );
  const busY = above.length * (BOX.height + LINE);
  const cacheY = busY + BUS + LINE;
  const belowY = parts.caches.length > 0 ? cacheY + BUS + LINE : cacheY;
  const height = belowY + below.length * (BOX.height + LINE) - LINE + 2;
  const names = [...parts.devices, ...parts.memories].map((part) => part.name).join(", ");
  const drawing = picture(width, height, `platform with ${names}; the tables below have the numbers`);
  const link = (x: number, from: number, to: number, words = ""): void => {
    drawing.append(svg("line", { x1: x, x2: x, y1: from, y2: to, class: "link" }));
    if (words !== "") drawing.append(svg("text", { x: x + 8, y: to - LINE / 2, class: "small muted middle" }, words));
  };
  above.forEach((row, r) => {
    places(row.length, width).forEach((x, i) => {
      const words = r === above.length - 1 ? portWords(row[i]?.title ?? "", parts) : "";
      link(x + BOX.width / 2, r * (BOX.height + LINE) + BOX.height, busY, words);
    });
  });
  if (parts.caches.length > 0) link(width / 2, busY + BUS, cacheY);
  below.forEach((row, r) => {
    for (const x of places(row.length, width)) {
      link(x + BOX.width / 2, parts.caches.length > 0 ? cacheY + BUS : busY + BUS, belowY + r * (BOX.height + LINE));
    }
  });
  above.forEach((row, r) => {
    places(row.length, width).forEach((x, i) => {
      const box = row[i];
      if (box !== undefined) drawing.append(drawBox(box, x, r * (BOX.height + LINE)));
    });
  });
  below.forEach((row, r) => {
    places(row.length, width).forEach((x, i) => {
      const box = row[i];
      if (box !== undefined) drawing.append(drawBox(box, x, belowY + r * (BOX.height + LINE)));
    });
  });
  drawing.append(strip(busWords(parts), 0, busY, width));
  for (const cache of parts.caches)
    drawing.append(strip(`${cache.name}: ${percent(cache.hit_rate)} of lines hit`, 0, cacheY, width));
  return drawing;
}

/** What a device moved in a second, and its share of the port where the platform caps that. */
function portWords(device: string, parts: Parts): string {
  const moved = parts.moved[device];
  if (moved === undefined || parts.endS <= 0) return "";
  const rate = (moved.load_bytes + moved.store_bytes) / parts.endS;
  if (rate === 0) return "";
  const ports = parts.platform?.interconnect?.["ports"] as Record<string, PlatformPart> | undefined;
  const most = parseQuantity(ports?.[device]?.["bandwidth"]);
  return most === null || most <= 0
    ? quantity(rate, "B/s")
    : `${quantity(rate, "B/s")}, ${percent(rate / most)} of port`;
}

/** The links; of a bus also how much of what it could carry was carried. */
function busWords(parts: Parts): string {
  const links = parts.platform?.interconnect;
  if (links === undefined) return "interconnect";
  const stated = `interconnect: ${text(links, "topology")}, ${text(links, "width")} at ${text(links, "clock")}`;
  const [width, clock] = [parseQuantity(links["width"]), parseQuantity(links["clock"])];
  const moved = Object.values(parts.moved).reduce((sum, each) => sum + each.load_bytes + each.store_bytes, 0);
  if (links["topology"] !== "bus" || width === null || clock === null || parts.endS <= 0 || moved === 0) return stated;
  const most = width * clock * (links["duplex"] === true ? 2 : 1);
  return `${stated}: ${quantity(moved / parts.endS, "B/s")} of ${quantity(most, "B/s")}, ${percent(moved / parts.endS / most)}`;
}

function strip(words: string, x: number, y: number, width: number): SVGGElement {
  return svg(
    "g",
    { transform: `translate(${x},${y})` },
    svg("rect", { width, height: BUS, rx: 3, class: "box" }),
    svg("text", { x: width / 2, y: BUS / 2, "text-anchor": "middle", class: "middle" }, words),
  );
}

export function drawPlatform(into: HTMLElement, parts: Parts): void {
  if (parts.devices.length === 0) {
    into.append(missing("This report names no devices."));
    return;
  }
  const description = parts.platform?.description;
  if (description !== undefined && description !== "") into.append(note(description));
  into.append(
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "diagram of the platform" }, diagram(parts, 1160)),
  );
  const rowsOf = parts.devices.map((device) => [
    device.name,
    device.type ?? NONE,
    quantity(device.busy_s, "s"),
    percent(device.utilisation),
    quantity(device.macs, ""),
    quantity(device.energy_j, "J"),
  ]);
  into.append(plainTable(["Device", "Type", "#Busy", "#Utilisation", "#MACs", "#Energy"], rowsOf, "devices"));
}
