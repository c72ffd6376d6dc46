#include "checker/automata/formula.h"

#include <algorithm>

namespace quiesce::checker {
namespace {

constexpr FormulaId kFalse{0U};
constexpr FormulaId kTrue{1U};

}  // namespace

bool Formula::is_always() const { return kind == FormulaKind::Release && parts[0] == kFalse; }
bool Formula::is_eventually() const { return kind == FormulaKind::Until && parts[0] == kTrue; }

FormulaTable::FormulaTable() {
  made(FormulaKind::False, {});
  made(FormulaKind::True, {});
  negations_ = {{kFalse, kTrue}, {kTrue, kFalse}};
}

bool FormulaTable::all(const std::vector<FormulaId>& parts, bool Formula::*flag) const {
  return std::all_of(parts.begin(), parts.end(), [&](FormulaId part) { return (*this)[part].*flag; });
}

/// The flags of a new formula, from those of its parts.
void FormulaTable::mark(Formula& formula) const {
  const std::vector<FormulaId>& parts = formula.parts;
  formula.has_past = std::any_of(parts.begin(), parts.end(), [&](FormulaId part) { return (*this)[part].has_past; });
  const bool eventual = all(parts, &Formula::is_eventual), universal = all(parts, &Formula::is_universal);
  switch (formula.kind) {
    case FormulaKind::False:
    case FormulaKind::True:
      formula.is_eventual = formula.is_universal = true;
      return;
    case FormulaKind::Atom:
    case FormulaKind::NotAtom:
      return;
    case FormulaKind::And:
    case FormulaKind::Or:
    case FormulaKind::Next:
      formula.is_eventual = eventual;
      formula.is_universal = universal;
      return;
    case FormulaKind::Until:
      formula.is_eventual = eventual || formula.is_eventually();
      formula.is_universal = universal;
      return;
    case FormulaKind::Release:
      formula.is_eventual = eventual;
      formula.is_universal = universal || formula.is_always();
      return;
    case FormulaKind::Since:
      formula.is_universal = parts[0] == kTrue;  // once: forever after
      formula.has_past = true;
      return;
    case FormulaKind::Triggered:
      formula.is_eventual = parts[0] == kFalse;  // historically: at all before
      formula.has_past = true;
      return;
    case FormulaKind::Yesterday:
    case FormulaKind::NotYesterday:
      formula.has_past = true;
      return;
  }
}

FormulaId FormulaTable::made(FormulaKind kind, std::vector<FormulaId> parts, std::uint32_t atom) {
  auto [entry, is_new] = known_.try_emplace({{kind, atom}, parts}, FormulaId(formulas_.size()));
  if (is_new) {
    Formula formula{kind, atom, std::move(parts)};
    mark(formula);
    formulas_.push_back(std::move(formula));
  }
  return entry->second;
}

FormulaId FormulaTable::atom(std::uint32_t number) { return made(FormulaKind::Atom, {}, number); }

FormulaId FormulaTable::negation(FormulaId a) {
  if (const auto known = negations_.find(a); known != negations_.end()) return known->second;
  const Formula formula = (*this)[a];  // a copy: the table grows
  const FormulaId result = negated(formula);
  negations_[a] = result;
  negations_.try_emplace(result, a);
  return result;
}

FormulaId FormulaTable::negated(const Formula& formula) {
  std::vector<FormulaId> parts;
  for (const FormulaId part : formula.parts) parts.push_back(negation(part));
  switch (formula.kind) {
    case FormulaKind::False:
      return kTrue;
    case FormulaKind::True:
      return kFalse;
    case FormulaKind::Atom:
      return made(FormulaKind::NotAtom, {}, formula.atom);
    case FormulaKind::NotAtom:
      return made(FormulaKind::Atom, {}, formula.atom);
    case FormulaKind::And:
      return disjunction(std::move(parts));
    case FormulaKind::Or:
      return conjunction(std::move(parts));
    case FormulaKind::Next:
      return next(parts[0]);
    case FormulaKind::Until:
      return release(parts[0], parts[1]);
    case FormulaKind::Release:
      return until(parts[0], parts[1]);
    case FormulaKind::Yesterday:
      return not_yesterday(formula.parts[0]);
    case FormulaKind::NotYesterday:
      return yesterday(formula.parts[0]);
    case FormulaKind::Since:
      return triggered(parts[0], parts[1]);
    case FormulaKind::Triggered:
      return since(parts[0], parts[1]);
  }
  return kFalse;
}

FormulaId FormulaTable::conjunction(std::vector<FormulaId> parts) {
  return junction(FormulaKind::And, std::move(parts));
}
FormulaId FormulaTable::disjunction(std::vector<FormulaId> parts) {
  return junction(FormulaKind::Or, std::move(parts));
}

/// And and Or: flat, without what another part makes superfluous, constant where two parts contradict (or, in an Or,
/// cover) each other, and with all Next in one.
FormulaId FormulaTable::junction(FormulaKind kind, std::vector<FormulaId> parts) {
  const bool is_and = kind == FormulaKind::And;
  const FormulaId neutral = constant(is_and), absorbing = constant(!is_and);
  std::vector<FormulaId> flat, under_next, together;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Formula& part = (*this)[parts[i]];
    if (parts[i] == absorbing) return absorbing;
    if (parts[i] == neutral) continue;
    if (part.is(kind)) {
      const std::vector<FormulaId> inner = part.parts;
      parts.insert(parts.end(), inner.begin(), inner.end());
    } else if (part.is(FormulaKind::Next)) {
      under_next.push_back(part.parts[0]);
    } else if (is_and ? part.is_always() : part.is_eventually()) {
      together.push_back(part.parts[1]);  // G a && G b is G (a && b), F a || F b is F (a || b)
    } else {
      flat.push_back(parts[i]);
    }
  }
  if (!under_next.empty()) flat.push_back(next(junction(kind, std::move(under_next))));
  if (together.size() == 1) {
    flat.push_back(is_and ? always(together[0]) : eventually(together[0]));
  } else if (!together.empty()) {
    const FormulaId inner = junction(kind, std::move(together));
    const FormulaId whole = is_and ? always(inner) : eventually(inner);
    if ((*this)[whole].is(kind)) {
      const std::vector<FormulaId> inside = (*this)[whole].parts;
      flat.insert(flat.end(), inside.begin(), inside.end());
    } else {
      flat.push_back(whole);
    }
  }
  std::sort(flat.begin(), flat.end());
  flat.erase(std::unique(flat.begin(), flat.end()), flat.end());
  for (const FormulaId a : flat) {
    if (a == absorbing) return absorbing;
    const FormulaId not_a = negation(a);
    for (const FormulaId b : flat) {
      if (a != b && (is_and ? implies(b, not_a) : implies(not_a, b))) return absorbing;
    }
  }
  std::vector<FormulaId> kept;
  for (std::size_t i = 0; i < flat.size(); ++i) {
    const bool superfluous = flat[i] == neutral || std::any_of(flat.begin(), flat.end(), [&](FormulaId other) {
                               if (other == flat[i]) return false;
                               const bool covers = is_and ? implies(other, flat[i]) : implies(flat[i], other);
                               const bool back = is_and ? implies(flat[i], other) : implies(other, flat[i]);
                               return covers && (!back || other < flat[i]);  // of two equivalent ones the first stays
                             });
    if (!superfluous) kept.push_back(flat[i]);
  }
  if (kept.empty()) return neutral;
  return kept.size() == 1 ? kept[0] : made(kind, std::move(kept));
}

FormulaId FormulaTable::next(FormulaId a) {
  if (is_both(a)) return a;
  return made(FormulaKind::Next, {a});
}

/// F (a || b) where some part is eventual by itself.
FormulaId FormulaTable::eventually_of_parts(const std::vector<FormulaId>& parts) {
  std::vector<FormulaId> outside, inside;
  for (const FormulaId part : parts) ((*this)[part].is_eventual ? outside : inside).push_back(part);
  if (outside.empty()) return {};
  outside.push_back(eventually(disjunction(std::move(inside))));
  std::sort(outside.begin(), outside.end());
  return disjunction(std::move(outside));
}

/// G (a && b) where some part is universal by itself.
FormulaId FormulaTable::always_of_parts(const std::vector<FormulaId>& parts) {
  std::vector<FormulaId> outside, inside;
  for (const FormulaId part : parts) ((*this)[part].is_universal ? outside : inside).push_back(part);
  if (outside.empty()) return {};
  outside.push_back(always(conjunction(std::move(inside))));
  return conjunction(std::move(outside));
}

FormulaId FormulaTable::until(FormulaId a, FormulaId b) {
  if ((*this)[b].is_eventual || a == kFalse || implies(a, b)) return b;
  if (a != kTrue && implies(negation(b), a)) a = kTrue;
  const Formula left = (*this)[a], right = (*this)[b];
  if (right.is(FormulaKind::Until) && implies(a, right.parts[0])) return b;
  if (right.is(FormulaKind::Next) && a == kTrue) return next(eventually(right.parts[0]));
  if (right.is(FormulaKind::Next) && left.is(FormulaKind::Next)) return next(until(left.parts[0], right.parts[0]));
  if (right.is(FormulaKind::Or) && a == kTrue) {
    if (const FormulaId split = eventually_of_parts(right.parts); split.valid()) return split;
  }
  return made(FormulaKind::Until, {a, b});
}

FormulaId FormulaTable::release(FormulaId a, FormulaId b) {
  if ((*this)[b].is_universal || a == kTrue || implies(b, a)) return b;
  if (a != kFalse && implies(a, negation(b))) a = kFalse;
  const Formula left = (*this)[a], right = (*this)[b];
  if (right.is(FormulaKind::Release) && implies(right.parts[0], a)) return b;
  if (right.is(FormulaKind::Next) && a == kFalse) return next(always(right.parts[0]));
  if (right.is(FormulaKind::Next) && left.is(FormulaKind::Next)) return next(release(left.parts[0], right.parts[0]));
  if (right.is(FormulaKind::And) && a == kFalse) {
    if (const FormulaId split = always_of_parts(right.parts); split.valid()) return split;
  }
  return made(FormulaKind::Release, {a, b});
}

FormulaId FormulaTable::yesterday(FormulaId a) { return a == kFalse ? kFalse : made(FormulaKind::Yesterday, {a}); }
FormulaId FormulaTable::not_yesterday(FormulaId a) {
  return a == kFalse ? kTrue : made(FormulaKind::NotYesterday, {a});
}

FormulaId FormulaTable::since(FormulaId a, FormulaId b) {
  if (b == kFalse || b == kTrue || a == kFalse || implies(a, b)) return b;
  return made(FormulaKind::Since, {a, b});
}

FormulaId FormulaTable::triggered(FormulaId a, FormulaId b) {
  if (b == kFalse || b == kTrue || a == kTrue || implies(b, a)) return b;
  return made(FormulaKind::Triggered, {a, b});
}

bool FormulaTable::implies(FormulaId a, FormulaId b) {
  if (a == b || a == kFalse || b == kTrue) return true;
  if (a == kTrue || b == kFalse) return false;
  if (const auto known = implied_.find({a, b}); known != implied_.end()) return known->second;
  const bool result = shows(a, b);
  implied_[{a, b}] = result;
  return result;
}

/// Two formulas of one kind: part by part.
bool FormulaTable::shows_alike(const Formula& a, const Formula& b) {
  switch (a.kind) {
    case FormulaKind::Next:
    case FormulaKind::Yesterday:
      return implies(a.parts[0], b.parts[0]);
    case FormulaKind::NotYesterday:
      return implies(b.parts[0], a.parts[0]);
    case FormulaKind::Until:
    case FormulaKind::Release:
    case FormulaKind::Since:
    case FormulaKind::Triggered:
      return implies(a.parts[0], b.parts[0]) && implies(a.parts[1], b.parts[1]);
    case FormulaKind::False:
    case FormulaKind::True:
    case FormulaKind::Atom:
    case FormulaKind::NotAtom:
    case FormulaKind::And:
    case FormulaKind::Or:
      return false;
  }
  return false;
}

/// Ends: each call is for smaller parts. Builds nothing, so that references into the table stay.
bool FormulaTable::shows(FormulaId a, FormulaId b) {
  const Formula& left = (*this)[a];
  const Formula& right = (*this)[b];
  const auto left_implies = [&](FormulaId part) { return implies(a, part); };
  const auto implies_right = [&](FormulaId part) { return implies(part, b); };
  if (left.is(FormulaKind::Or)) return std::all_of(left.parts.begin(), left.parts.end(), implies_right);
  if (right.is(FormulaKind::And)) return std::all_of(right.parts.begin(), right.parts.end(), left_implies);
  if (left.kind == right.kind && shows_alike(left, right)) return true;
  if (left.is(FormulaKind::And) && std::any_of(left.parts.begin(), left.parts.end(), implies_right)) return true;
  if (right.is(FormulaKind::Or) && std::any_of(right.parts.begin(), right.parts.end(), left_implies)) return true;
  // a U b and a S b hold now by a or by b; a R b and a T b hold now with b.
  if (left.is(FormulaKind::Until) || left.is(FormulaKind::Since)) {
    if (std::all_of(left.parts.begin(), left.parts.end(), implies_right)) return true;
  }
  if (left.is(FormulaKind::Release) || left.is(FormulaKind::Triggered)) {
    if (implies_right(left.parts[1])) return true;
  }
  if (right.is(FormulaKind::Until) || right.is(FormulaKind::Since)) return left_implies(right.parts[1]);
  if (right.is(FormulaKind::Release) || right.is(FormulaKind::Triggered)) {
    return std::all_of(right.parts.begin(), right.parts.end(), left_implies);
  }
  return false;
}

std::vector<FormulaId> FormulaTable::without_implied(std::vector<FormulaId> parts) {
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  std::vector<FormulaId> kept;
  for (const FormulaId part : parts) {
    const bool superfluous = std::any_of(parts.begin(), parts.end(), [&](FormulaId other) {
      return other != part && implies(other, part) && (!implies(part, other) || other < part);
    });
    if (!superfluous) kept.push_back(part);
  }
  return kept;
}

}  // namespace quiesce::checker
