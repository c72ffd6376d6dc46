// Formulas as text and as trees, and what they mean on an ultimately periodic word, written straight from the
// definitions: the yardstick for checker/automata, with which it shares no code.
#pragma once

#include <cctype>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "checker/automata/formula.h"

namespace quiesce::checker::ltl {

/// `op`: a letter for an atom, '0' and '1', '!', '&', '|', '>' (implies), '=' (equivalent), 'X' 'F' 'G' 'U' 'W' 'R' and
/// 'Y' 'O' 'H' 'S'. Unary ones have `a` only.
struct Tree {
  char op = '1';
  std::shared_ptr<const Tree> a, b;
};
using TreePtr = std::shared_ptr<const Tree>;

inline TreePtr tree(char op, TreePtr a = nullptr, TreePtr b = nullptr) {
  return std::make_shared<const Tree>(Tree{op, std::move(a), std::move(b)});
}

/// Reads 'G (a -> F b)'. All binary operators group to the right; '!' and its like bind tightest, then U W R S, then &,
/// |, ->.
class Reader {
 public:
  explicit Reader(std::string text) : text_(std::move(text)) {}
  TreePtr read() {
    TreePtr result = binary(0);
    if (peek() != 0) throw std::runtime_error("left over: " + text_.substr(at_));
    return result;
  }

 private:
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(const std::string& token) {
    peek();
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    return true;
  }
  TreePtr binary(int rank) {
    static const std::vector<std::vector<std::pair<std::string, char>>> kRanks = {
        {{"->", '>'}, {"<->", '='}}, {{"|", '|'}}, {{"&", '&'}}, {{"U", 'U'}, {"W", 'W'}, {"R", 'R'}, {"S", 'S'}}};
    if (rank == static_cast<int>(kRanks.size())) return unary();
    TreePtr left = binary(rank + 1);
    for (const auto& [token, op] : kRanks[static_cast<std::size_t>(rank)]) {
      if (take(token)) return tree(op, left, binary(rank));
    }
    return left;
  }
  TreePtr unary() {
    const char next = peek();
    ++at_;
    if (std::string("!XFGYOH").find(next) != std::string::npos) return tree(next, unary());
    if (next == '(') {
      TreePtr inner = binary(0);
      if (!take(")")) throw std::runtime_error("no ')': " + text_);
      return inner;
    }
    if (std::islower(static_cast<unsigned char>(next)) == 0 && next != '0' && next != '1') {
      throw std::runtime_error("what is '" + std::string(1, next) + "' in " + text_);
    }
    return tree(next);
  }

  std::string text_;
  std::size_t at_ = 0;
};

inline TreePtr read(const std::string& text) { return Reader(text).read(); }

inline std::string show(const TreePtr& t) {
  if (t->a == nullptr) return std::string(1, t->op);
  if (t->b == nullptr) return std::string(1, t->op) + " (" + show(t->a) + ")";
  const std::string op = t->op == '>' ? "->" : t->op == '=' ? "<->" : std::string(1, t->op);
  return "(" + show(t->a) + ") " + op + " (" + show(t->b) + ")";
}

inline FormulaId build(FormulaTable& table, const TreePtr& t) {
  const FormulaId a = t->a ? build(table, t->a) : FormulaId(), b = t->b ? build(table, t->b) : FormulaId();
  switch (t->op) {
    case '0':
    case '1':
      return table.constant(t->op == '1');
    case '!':
      return table.negation(a);
    case '&':
      return table.conjunction({a, b});
    case '|':
      return table.disjunction({a, b});
    case '>':
      return table.disjunction({table.negation(a), b});
    case '=':
      return table.disjunction({table.conjunction({a, b}), table.conjunction({table.negation(a), table.negation(b)})});
    case 'X':
      return table.next(a);
    case 'F':
      return table.eventually(a);
    case 'G':
      return table.always(a);
    case 'U':
      return table.until(a, b);
    case 'W':
      return table.weak_until(a, b);
    case 'R':
      return table.release(a, b);
    case 'Y':
      return table.yesterday(a);
    case 'O':
      return table.once(a);
    case 'H':
      return table.historically(a);
    case 'S':
      return table.since(a, b);
    default:
      return table.atom(static_cast<std::uint32_t>(t->op - 'a'));
  }
}

/// A word: letters (bit n: atom n), of which those from `loop` on repeat forever.
struct Word {
  std::vector<std::uint64_t> letters;
  std::size_t loop = 0;

  std::size_t after(std::size_t position) const { return position + 1 < letters.size() ? position + 1 : loop; }
};

inline std::size_t past_depth(const TreePtr& t) {
  if (t == nullptr) return 0;
  return std::max(past_depth(t->a), past_depth(t->b)) + (std::string("YOHS").find(t->op) != std::string::npos ? 1 : 0);
}

/// Where `t` holds on `word`, position by position. Requires: the loop was unrolled so often that what the past says
/// has settled in its last copy (once for each past operator inside another).
inline std::vector<bool> where(const TreePtr& t, const Word& word) {
  const std::size_t n = word.letters.size();
  const std::vector<bool> a = t->a ? where(t->a, word) : std::vector<bool>(n),
                          b = t->b ? where(t->b, word) : std::vector<bool>(n);
  std::vector<bool> result(n);
  // From position i on: `hit` decides true, `miss` false, else the next one is asked; a whole loop undecided gives
  // `end`.
  const auto ahead = [&](const auto& hit, const auto& miss, bool end) {
    for (std::size_t i = 0; i < n; ++i) {
      bool value = end;
      std::size_t at = i;
      for (std::size_t steps = 0; steps <= n; ++steps, at = word.after(at)) {
        if (hit(at)) {
          value = true;
          break;
        }
        if (miss(at)) {
          value = false;
          break;
        }
      }
      result[i] = value;
    }
  };
  const auto never = [](std::size_t) { return false; };
  switch (t->op) {
    case 'F':
      ahead([&](std::size_t i) { return a[i]; }, never, false);
      return result;
    case 'G':
      ahead(
          never, [&](std::size_t i) { return !a[i]; }, true);
      return result;
    case 'U':
      ahead([&](std::size_t i) { return b[i]; }, [&](std::size_t i) { return !a[i]; }, false);
      return result;
    case 'W':
      ahead([&](std::size_t i) { return b[i]; }, [&](std::size_t i) { return !a[i]; }, true);
      return result;
    case 'R':
      ahead([&](std::size_t i) { return a[i] && b[i]; }, [&](std::size_t i) { return !b[i]; }, true);
      return result;
    default:
      break;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const bool before = i > 0 && result[i - 1];
    switch (t->op) {
      case '0':
      case '1':
        result[i] = t->op == '1';
        break;
      case '!':
        result[i] = !a[i];
        break;
      case '&':
        result[i] = a[i] && b[i];
        break;
      case '|':
        result[i] = a[i] || b[i];
        break;
      case '>':
        result[i] = !a[i] || b[i];
        break;
      case '=':
        result[i] = a[i] == b[i];
        break;
      case 'X':
        result[i] = a[word.after(i)];
        break;
      case 'Y':
        result[i] = i > 0 && a[i - 1];
        break;
      case 'O':
        result[i] = a[i] || before;
        break;
      case 'H':
        result[i] = a[i] && (i == 0 || before);
        break;
      case 'S':
        result[i] = b[i] || (a[i] && before);
        break;
      default:
        result[i] = (word.letters[i] >> (t->op - 'a') & 1) != 0;
    }
  }
  return result;
}

/// Whether `t` holds in the first position of `word`.
inline bool holds(const TreePtr& t, const Word& word) {
  Word unrolled = word;
  for (std::size_t copies = past_depth(t); copies > 0; --copies) {
    const std::size_t length = word.letters.size() - word.loop;
    unrolled.letters.insert(unrolled.letters.end(), word.letters.begin() + static_cast<std::ptrdiff_t>(word.loop),
                            word.letters.end());
    unrolled.loop += length;
  }
  return where(t, unrolled)[0];
}

}  // namespace quiesce::checker::ltl
