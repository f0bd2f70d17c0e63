// SPDX-License-Identifier: Apache-2.0
import "./style/theme.css";
import "./style/page.css";
import "./style/views.css";
import "./style/workbench.css";
import { showComparison } from "./apps/compare";
import { showRun } from "./apps/run";
import { showStreams } from "./apps/streams";
import { showSweep } from "./apps/sweep";
import { h } from "./base/dom";
import { startTheme } from "./base/theme";
import { readDocument } from "./data/document";
import { startWorkbench } from "./workbench/bench";

async function start(): Promise<void> {
  const page = readDocument();
  switch (page.kind) {
    case "run":
      return showRun(page.runs[0]);
    case "streams":
      return showStreams(page.runs[0]);
    case "compare":
      return showComparison(page.runs, page.comparison);
    case "sweep":
      return showSweep(page.runs[0].label, page.sweep);
    case "workbench":
      return startWorkbench(document.body);
  }
}

startTheme();
start().catch((error: unknown) => {
  document.body.append(
    h("p", { class: "missing", role: "alert" }, error instanceof Error ? error.message : String(error)),
  );
});
