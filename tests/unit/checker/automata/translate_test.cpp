// The translation of formulas: against a direct evaluator on ultimately periodic words, against the automaton of the
// negation, and by size.
#include "checker/automata/translate.h"

#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/checker/automata/ltl_text.h"

namespace quiesce::checker {
namespace {

using ltl::holds;
using ltl::read;
using ltl::show;
using ltl::TreePtr;
using ltl::Word;

/// Whether some run over `word` takes transitions of each set forever: closure of reachability on the product, slow.
bool accepts(const Automaton& automaton, const Word& word) {
  const std::size_t length = word.letters.size(), size = automaton.states.size() * length;
  const auto node = [&](std::size_t state, std::size_t position) { return state * length + position; };
  struct Edge {
    std::size_t target;
    std::uint64_t marks;
  };
  std::vector<std::vector<Edge>> edges(size);
  for (std::size_t state = 0; state < automaton.states.size(); ++state) {
    for (std::size_t position = 0; position < length; ++position) {
      for (const AutomatonEdge& edge : automaton.states[state]) {
        if (edge.label.allows(word.letters[position])) {
          edges[node(state, position)].push_back({node(edge.target, word.after(position)), edge.marks});
        }
      }
    }
  }
  const auto reached = [&](std::size_t from) {
    std::vector<bool> seen(size, false);
    std::vector<std::size_t> open;
    for (const Edge& edge : edges[from]) open.push_back(edge.target);
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      for (const Edge& edge : edges[at]) open.push_back(edge.target);
    }
    return seen;
  };
  std::vector<std::vector<bool>> reach;
  for (std::size_t i = 0; i < size; ++i) reach.push_back(reached(i));
  for (std::size_t i = 0; i < size; ++i) {
    if ((i != node(0, 0) && !reach[node(0, 0)][i]) || !reach[i][i]) continue;
    std::uint64_t marks = 0;
    for (std::size_t j = 0; j < size; ++j) {
      if (!reach[i][j] || !reach[j][i]) continue;
      for (const Edge& edge : edges[j]) {
        if (reach[edge.target][i]) marks |= edge.marks;
      }
    }
    if (marks == automaton.all_marks()) return true;
  }
  return false;
}

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t n) { return static_cast<std::size_t>(random() % n); }

TreePtr random_tree(Random& random, std::size_t size, const std::string& unary, const std::string& binary) {
  if (size <= 1) {
    const std::size_t kind = below(random, 14);
    return ltl::tree(kind == 0 ? '1' : kind == 1 ? '0' : static_cast<char>('a' + kind % 3));
  }
  if (size == 2 || below(random, 2) == 0) {
    return ltl::tree(unary[below(random, unary.size())], random_tree(random, size - 1, unary, binary));
  }
  const std::size_t left = 1 + below(random, size - 2);
  return ltl::tree(binary[below(random, binary.size())], random_tree(random, left, unary, binary),
                   random_tree(random, size - 1 - left, unary, binary));
}

Word random_word(Random& random) {
  Word word;
  const std::size_t length = 1 + below(random, 6);
  for (std::size_t i = 0; i < length; ++i) word.letters.push_back(below(random, 8));
  word.loop = below(random, length);
  return word;
}

std::string show(const Word& word) {
  std::ostringstream text;
  for (std::size_t i = 0; i < word.letters.size(); ++i) {
    text << (i == word.loop ? " [" : " ");
    for (int atom = 0; atom < 3; ++atom) text << (word.letters[i] >> atom & 1);
  }
  return text.str() + "]";
}

std::uint64_t seed_of_run() {
  const char* given = std::getenv("QUIESCE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 20010713;
}

std::size_t times_as_many() {
  const char* given = std::getenv("QUIESCE_TIMES");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

/// Random formulas and words: the automaton of f accepts what f holds on, that of !f what it does not.
void compare_with_evaluator(const std::string& unary, const std::string& binary, std::size_t formulas) {
  Random random(seed_of_run());
  for (std::size_t i = 0; i < formulas * times_as_many(); ++i) {
    const TreePtr tree = random_tree(random, 1 + below(random, 11), unary, binary);
    FormulaTable table;
    const FormulaId formula = ltl::build(table, tree);
    const Translation of = translate(table, formula, 3), dual = translate(table, table.negation(formula), 3);
    ASSERT_FALSE(of.is_too_large || dual.is_too_large) << show(tree);
    for (int words = 0; words < 12; ++words) {
      const Word word = random_word(random);
      const bool expected = holds(tree, word);
      ASSERT_EQ(accepts(of.automaton, word), expected)
          << show(tree) << " on" << show(word) << "\nseed " << seed_of_run();
      ASSERT_EQ(accepts(dual.automaton, word), !expected) << "! " << show(tree) << " on" << show(word);
    }
  }
}

TEST(Translate, FutureAgreesWithTheEvaluator) { compare_with_evaluator("!XFG", "&|>=UWR", 2000); }
TEST(Translate, PastAgreesWithTheEvaluator) { compare_with_evaluator("!YOH", "&|S", 1000); }
TEST(Translate, FutureAndPastAgreeWithTheEvaluator) { compare_with_evaluator("!XFGYOH", "&|>UWRS", 2000); }

TEST(Evaluator, KnowsTheTextbook) {
  const Word word{{1, 0, 2, 0}, 2};  // a, nothing, then b and nothing in turn
  EXPECT_TRUE(holds(read("a & X !a"), word));
  EXPECT_TRUE(holds(read("G F b"), word));
  EXPECT_FALSE(holds(read("F G b"), word));
  EXPECT_TRUE(holds(read("G (b -> O a)"), word));
  EXPECT_FALSE(holds(read("G (b -> Y a)"), word));
  EXPECT_TRUE(holds(read("F (b & Y Y a)"), word));
  EXPECT_TRUE(holds(read("G F (b & !(Y Y a))"), word));
  EXPECT_TRUE(holds(read("!Y 1"), word));
}

Automaton automaton_of(const std::string& text, std::uint32_t atoms = 8) {
  FormulaTable table;
  const Translation result = translate(table, ltl::build(table, read(text)), atoms);
  EXPECT_FALSE(result.is_too_large) << text;
  return result.automaton;
}

TEST(Translate, AResponseNeedsTwoStates) {
  const Automaton automaton = automaton_of("G (a -> F b)");
  EXPECT_EQ(automaton.states.size(), 2U);
  EXPECT_EQ(automaton.sets, 1U);
}

TEST(Translate, APastFormulaIsDeterministic) {
  for (const auto& edges : automaton_of("G (a -> O b)").states) {
    for (const AutomatonEdge& one : edges) {
      for (const AutomatonEdge& other : edges) EXPECT_TRUE(one == other || (one.label & other.label).is_empty());
    }
  }
}

TEST(Translate, NothingIsAcceptedByFalse) {
  const Automaton automaton = automaton_of("a & !a");
  ASSERT_EQ(automaton.states.size(), 1U);
  EXPECT_TRUE(automaton.states[0].empty());
}

TEST(Translate, SaysWhenAFormulaIsTooLarge) {
  FormulaTable table;
  EXPECT_TRUE(translate(table, ltl::build(table, read("X X X X a")), 1, 3).is_too_large);
}

TEST(PrintHoa, WritesWhatOthersRead) {
  EXPECT_EQ(print_hoa(automaton_of("G (a -> F b)", 2), "G(a -> F b)", {"request", "the \"answer\""}),
            "HOA: v1\n"
            "name: \"G(a -> F b)\"\n"
            "States: 2\n"
            "Start: 0\n"
            "AP: 2 \"request\" \"the \\\"answer\\\"\"\n"
            "acc-name: Buchi\n"
            "Acceptance: 1 Inf(0)\n"
            "properties: trans-labels explicit-labels trans-acc\n"
            "--BODY--\n"
            "State: 0\n"
            "[t] 1\n"
            "[!0] 0 {0}\n"
            "[1] 0 {0}\n"
            "State: 1\n"
            "[t] 1\n"
            "[1] 0 {0}\n"
            "--END--\n");
}

std::string size_of(const std::string& text) {
  const Automaton automaton = automaton_of(text);
  std::size_t edges = 0;
  for (const auto& state : automaton.states) edges += state.size();
  std::ostringstream line;
  line << automaton.states.size() << ' ' << edges << ' ' << automaton.sets;
  return line.str();
}

/// sizes.txt: for each formula of the literature the states, transitions and sets of its automaton and of its
/// negation's. To accept others: QUIESCE_UPDATE_GOLDEN=1.
TEST(Translate, SizesOfTheLiteraturesFormulas) {
  const std::string path = QUIESCE_SOURCE_DIR "/tests/unit/checker/automata/sizes.txt";
  std::ifstream file(path);
  std::ostringstream expected, actual;
  for (std::string line; std::getline(file, line);) {
    expected << line << '\n';
    if (line.empty() || line[0] == '#') {
      actual << line << '\n';
      continue;
    }
    const std::string formula = line.substr(line.rfind(';') + 2);
    actual << size_of(formula) << "; " << size_of("!(" + formula + ")") << "; " << formula << '\n';
  }
  if (std::getenv("QUIESCE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << actual.str();
  } else {
    EXPECT_EQ(actual.str(), expected.str());
  }
}

}  // namespace
}  // namespace quiesce::checker
