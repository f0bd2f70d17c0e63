// SPDX-License-Identifier: Apache-2.0
// What pages read of a report (configs/schema/report.schema.json). Members that a partial report may lack are optional.

export interface Op {
  name: string;
  kind?: string;
  device?: string;
  dtype?: string;
  arithmetic?: string;
  macs?: number;
  compute_cycles?: number;
  start_s?: number;
  end_s?: number;
  launch_s?: number;
  compute_s?: number;
  transfer_s?: number;
  waiting_s?: number;
  bound?: string;
  energy_j?: number;
  traffic_bytes?: number;
  mapping?: string;
  reason?: string;
  runner_up?: string;
  tile_search?: { text?: string };
}

export interface Device {
  name: string;
  type?: string;
  busy_s?: number;
  utilisation?: number;
  energy_j?: number;
  macs?: number;
}

export interface Memory {
  name: string;
  read_bytes?: number;
  written_bytes?: number;
  bandwidth_utilisation?: number;
  footprint_bytes?: number;
  energy_j?: number;
}

export interface Cache {
  name: string;
  hit_lines?: number;
  missed_lines?: number;
  hit_rate?: number;
}

export interface Power {
  window_s?: number;
  samples_w?: number[];
  domains?: { name: string; samples_w?: number[]; energy_j?: number }[];
  rails?: { name: string; loss_j?: number }[];
}

export interface ErrorBar {
  words?: string;
  validated?: boolean;
  median_error_share?: number;
}

export interface Validation {
  latency?: ErrorBar;
  energy?: ErrorBar;
}

export interface Totals {
  latency_s?: number;
  energy_j?: number;
  average_power_w?: number;
  peak_power_w?: number;
  macs?: number;
  traffic_bytes?: number;
  memory_footprint_bytes?: number;
  memory_live_bytes?: number;
}

export interface Report {
  network?: { name?: string; macs?: number; parameters?: number; operators?: number };
  platform?: { name?: string };
  totals?: Totals;
  analytic?: { latency_s?: number };
  ops?: Op[];
  devices?: Device[];
  memories?: Memory[];
  caches?: Cache[];
  energy?: { by_component?: Record<string, number>; by_action?: Record<string, number> };
  power?: Power;
  search?: Record<string, unknown>;
  warnings?: string[];
  provenance?: Record<string, unknown>;
  validation?: Validation;
}

export interface Spread {
  count?: number;
  min_s?: number;
  mean_s?: number;
  p50_s?: number;
  p90_s?: number;
  p99_s?: number;
  max_s?: number;
}

export interface Stream {
  name: string;
  network?: string;
  released?: number;
  completed?: number;
  missed?: number;
  latency?: Spread;
  throughput_per_s?: number;
  energy_j?: number;
}

export interface StreamsReport {
  name?: string;
  platform?: string;
  policy?: string;
  preemption?: string;
  duration_s?: number;
  energy_j?: number;
  average_power_w?: number;
  streams: Stream[];
  devices?: Device[];
  memories?: Memory[];
  energy_by_component?: Record<string, number>;
  power?: Power;
  warnings?: string[];
  validation?: Validation;
}
