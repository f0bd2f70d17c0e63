// SPDX-License-Identifier: Apache-2.0
// chipcast-run PLATFORM.json GRAPH.json: the simulator without Python. The report goes to stdout, words to stderr.
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "platform/simulation.h"
#include "sim/base/check.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"

namespace {

enum ExitCode { kOk = 0, kRunFailed = 1, kUsage = 2, kInvalidInput = 3, kLimit = 5 };

constexpr std::string_view kUsageText =
    "usage: chipcast-run PLATFORM.json GRAPH.json [--options JSON] [--presets DIR] [--set PATH=VALUE] [--trace FILE]\n"
    "       chipcast-run --version\n"
    "GRAPH.json is Chipcast's graph form (docs/graph.md). The report is printed as JSON.\n";

struct Arguments {
  std::string platform, graph, trace;
  std::string options = "{}";
  std::vector<std::filesystem::path> presets;
  std::vector<std::string> overrides;
};

/// Returns false where the words make no sense.
bool parse(const std::vector<std::string>& words, Arguments& out) {
  std::vector<std::string> places;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool option = words[i].starts_with("--");
    if (!option) {
      places.push_back(words[i]);
      continue;
    }
    if (i + 1 == words.size()) return false;
    const std::string& value = words[++i];
    if (words[i - 1] == "--options") {
      out.options = value;
    } else if (words[i - 1] == "--presets") {
      out.presets.emplace_back(value);
    } else if (words[i - 1] == "--set") {
      out.overrides.push_back(value);
    } else if (words[i - 1] == "--trace") {
      out.trace = value;
    } else {
      return false;
    }
  }
  if (places.size() != 2) return false;
  out.platform = places[0];
  out.graph = places[1];
  return true;
}

void run(const Arguments& arguments) {
  using namespace chipcast;
  std::vector<std::filesystem::path> presets = arguments.presets;
  presets.push_back(std::filesystem::path(arguments.platform).parent_path() / "..");
  const auto platform =
      std::make_shared<const Platform>(Platform::load(arguments.platform, presets, arguments.overrides));
  const Graph graph = Graph::from_json(parse_json_file(arguments.graph, {.bytes = std::size_t{256} << 20, .depth = 64}),
                                       arguments.graph);
  const auto options = read_value<RunOptions>(parse_json(arguments.options, "--options"), "--options");
  Simulation simulation(platform, graph, options);
  std::cout << simulation.run().to_json().dump(2) << '\n';
  if (arguments.trace.empty()) return;
  std::ofstream file(arguments.trace, std::ios::binary);
  file << to_perfetto(simulation.trace(), graph.name);
  if (!file) throw InputError(arguments.trace, "cannot be written; check the folder and its permissions");
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) {
    std::cout << kUsageText;
    return kOk;
  }
  if (words.size() == 1 && words[0] == "--version") {
    std::cout << "chipcast " << chipcast::version() << '\n';
    return kOk;
  }
  Arguments arguments;
  if (!parse(words, arguments)) {
    std::cerr << kUsageText;
    return kUsage;
  }
  try {
    run(arguments);
    return kOk;
  } catch (const chipcast::InputError& error) {
    std::cerr << "error: " << error.what() << '\n';
    return kInvalidInput;
  } catch (const chipcast::LimitError& error) {
    std::cerr << "error: " << error.what() << '\n';
    return kLimit;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return kRunFailed;
  }
}
