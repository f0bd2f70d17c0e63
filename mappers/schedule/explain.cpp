// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/explain.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "mappers/schedule/evaluator.h"

namespace chipcast::schedule {
namespace {

std::string number(const char* format, double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string milliseconds(double seconds) { return number("%.4g ms", seconds * 1e3); }

std::string amount(Objective objective, double value) {
  if (objective == Objective::latency) return milliseconds(value);
  return objective == Objective::energy ? number("%.4g mJ", value * 1e3) : number("%.4g uJs", value * 1e6);
}

double longest(const Mode& mode) {
  double out = 0.0;
  for (const Part& part : mode.parts) out = std::max(out, part.cold.seconds());
  return out;
}

class Explainer {
 public:
  Explainer(const Network& network, const Solution& solution)
      : network_(network), problem_(network.problem), solution_(solution), evaluator_(network.problem) {
    chosen_ = evaluator_.evaluate(solution).of(problem_.objective);
    spans_ = evaluator_.spans();
    std::size_t pairs = 0;
    for (const Task& task : problem_.tasks) pairs += task.modes.size();
    thorough_ = pairs <= kExplained;
  }

  std::string reason(std::size_t task, const std::string& method) const {
    const Mode& mode = problem_.tasks[task].modes[solution_.modes[task]];
    double begin = kNever, end = 0.0;
    bool foreign = false;
    for (const Span& span : spans_) {
      if (span.task != task) continue;
      begin = std::min(begin, span.begin);
      end = std::max(end, span.end);
      foreign = foreign || span.foreign;
    }
    std::string text =
        method + ": " + to_text(problem_, mode) + ", from " + milliseconds(begin) + " to " + milliseconds(end);
    if (foreign) text += ", after a hand-off";
    if (const std::string& refusals = network_.refusals[task]; !refusals.empty()) text += "; " + refusals;
    return text;
  }

  std::string runner_up(std::size_t task) {
    const auto& modes = problem_.tasks[task].modes;
    if (modes.size() < 2) return {};
    const auto chosen = solution_.modes[task];
    double best = kNever;
    std::size_t second = chosen;
    Solution other = solution_;
    for (std::size_t m = 0; m < modes.size(); ++m) {
      if (m == chosen) continue;
      other.modes[task] = static_cast<std::uint32_t>(m);
      const double value = thorough_ ? evaluator_.evaluate(other).of(problem_.objective) : longest(modes[m]);
      if (value >= best) continue;
      best = value;
      second = m;
    }
    if (!thorough_) return to_text(problem_, modes[second]) + ", takes " + milliseconds(best) + " itself";
    const double loss = best - chosen_;
    const std::string share = number("%.2g %%", chosen_ > 0.0 ? 100.0 * std::abs(loss) / chosen_ : 0.0);
    return to_text(problem_, modes[second]) + (loss >= 0.0 ? ", loses " : ", would gain ") +
           amount(problem_.objective, std::abs(loss)) + " (" + share + ")";
  }

 private:
  const Network& network_;
  const Problem& problem_;
  const Solution& solution_;
  Evaluator evaluator_;
  std::vector<Span> spans_;
  double chosen_ = 0.0;
  bool thorough_ = true;
};

}  // namespace

std::string to_text(const Problem& problem, const Mode& mode) {
  std::string text;
  for (std::size_t i = 0; i < mode.parts.size(); ++i) {
    const Part& part = mode.parts[i];
    if (i > 0) text += i + 1 == mode.parts.size() ? " and " : ", ";
    text += problem.devices[part.device];
    if (!part.range.whole()) text += " " + chipcast::to_text(part.range);
  }
  return text;
}

void explain(const MappingProblem& problem, const Network& network, const Solution& solution, const std::string& method,
             Mapping& mapping) {
  mapping.choices.resize(problem.ops.size());
  Explainer explainer(network, solution);
  for (std::size_t t = 0; t < network.ops.size(); ++t) {
    OpChoice& choice = mapping.choices[network.ops[t].index()];
    choice.reason = explainer.reason(t, method);
    choice.runner_up = explainer.runner_up(t);
  }
}

}  // namespace chipcast::schedule
