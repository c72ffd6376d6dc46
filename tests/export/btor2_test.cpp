// What `quiesce export --to btor2` writes: read again here, and compared bit for bit with the circuit that ABC judges
// in the other format.
#include <cstdint>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "checker/export/btor2.h"
#include "checker/export/closed_circuit.h"
#include "checker/symbolic/encode.h"
#include "model/guarded/guarded_system.h"
#include "tests/differential/designs.h"

namespace quiesce {
namespace {

/// A text in BTOR2 with sorts of one bit, evaluated 64 times at once.
class Btor2 {
 public:
  explicit Btor2(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with(";")) read(line);
    }
  }

  /// Values of inputs and states in the order of the text; gives what each state becomes, and the bad ones.
  std::pair<std::vector<std::uint64_t>, std::vector<std::uint64_t>> evaluate(const std::vector<std::uint64_t>& inputs,
                                                                             const std::vector<std::uint64_t>& states) {
    std::map<int, std::uint64_t> value;
    std::size_t input = 0, state = 0;
    std::map<int, std::uint64_t> next;
    std::vector<std::uint64_t> bad;
    for (const Line& line : lines_) {
      if (line.word == "zero") value[line.number] = 0;
      if (line.word == "one") value[line.number] = ~std::uint64_t{0};
      if (line.word == "input") value[line.number] = inputs.at(input++);
      if (line.word == "state") value[line.number] = states.at(state++);
      if (line.word == "not") value[line.number] = ~value.at(line.first);
      if (line.word == "and") value[line.number] = value.at(line.first) & value.at(line.second);
      if (line.word == "next") next[line.first] = value.at(line.second);
      if (line.word == "bad") bad.push_back(value.at(line.first));
      if (line.word == "init") {
        EXPECT_EQ(value.at(line.second), 0u);
      }
    }
    std::vector<std::uint64_t> after;
    for (const Line& line : lines_) {
      if (line.word == "state") after.push_back(next.at(line.number));
    }
    return {after, bad};
  }

  std::size_t count(const std::string& word) const {
    std::size_t count = 0;
    for (const Line& line : lines_) count += line.word == word ? 1 : 0;
    return count;
  }

 private:
  struct Line {
    int number = 0;
    std::string word;
    int first = 0, second = 0;
  };

  void read(const std::string& text) {
    std::istringstream in(text);
    Line line;
    std::string sort;
    in >> line.number >> line.word;
    EXPECT_EQ(line.number, static_cast<int>(lines_.size()) + 1) << text;
    if (line.word != "bad") in >> sort;
    EXPECT_TRUE(sort.empty() || sort == "1" || line.word == "sort") << text;
    in >> line.first >> line.second;
    if (line.word == "input" || line.word == "state") line.first = 0;
    lines_.push_back(line);
  }

  std::vector<Line> lines_;
};

class Btor2Text : public testing::TestWithParam<const char*> {};

TEST_P(Btor2Text, IsTheCircuit) {
  std::string problem;
  const std::vector<DesignCase> cells = design_cases(std::string(GetParam()) + ".qsm", &problem);
  ASSERT_FALSE(cells.empty()) << problem;
  const auto guarded = model::guarded_system(cells[0].system);
  ASSERT_TRUE(guarded.has_value());
  const auto encoding = checker::encode(*guarded);
  ASSERT_TRUE(encoding.has_value());
  const checker::ClosedCircuit closed = checker::closed_circuit(*guarded, *encoding);
  Btor2 read(checker::btor2_text(*guarded, *encoding, {}));
  ASSERT_EQ(read.count("input"), closed.inputs.size());
  ASSERT_EQ(read.count("state"), closed.latches.size());
  ASSERT_EQ(read.count("init"), closed.latches.size());
  ASSERT_EQ(read.count("bad"), encoding->bad.size());
  std::mt19937_64 random(1);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::uint64_t> values(closed.circuit.size()), inputs, states;
    for (const auto& one : closed.inputs) inputs.push_back(values[one.signal.node()] = random());
    for (const auto& one : closed.latches) states.push_back(values[one.now.node()] = random());
    closed.circuit.evaluate(values);
    const auto of = [&](checker::Signal signal) {
      return signal.is_negated() ? ~values[signal.node()] : values[signal.node()];
    };
    const auto [after, bad] = read.evaluate(inputs, states);
    for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i], of(closed.latches[i].next));
    for (std::size_t i = 0; i < bad.size(); ++i) EXPECT_EQ(bad[i], of(closed.bad[i].signal));
  }
}

INSTANTIATE_TEST_SUITE_P(Designs, Btor2Text,
                         testing::Values("tests/verdicts/designs/any_where", "tests/verdicts/designs/dpc_on_own_cpu",
                                         "tests/verdicts/designs/queue_rules", "tests/verdicts/designs/monitors",
                                         "tests/verdicts/designs/bits"));

}  // namespace
}  // namespace quiesce
