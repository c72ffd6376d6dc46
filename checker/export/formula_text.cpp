#include "checker/export/formula_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "checker/export/aiger.h"
#include "checker/export/btor2.h"
#include "checker/export/horn.h"
#include "checker/smt/initial_solver.h"
#include "checker/symbolic/encode.h"
#include "model/base/overloaded.h"
#include "model/guarded/number_width.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// Words of Promela, of Murphi, and of C, in which SPIN writes its verifier; in small letters.
constexpr std::array kReserved = {
    "active",        "alias",     "and",          "array",    "arraystate",   "assert",     "assume",   "atomic",
    "auto",          "begin",     "bit",          "bool",     "boolean",      "break",      "by",       "byte",
    "c_code",        "c_decl",    "c_expr",       "c_state",  "c_track",      "case",       "chan",     "char",
    "clear",         "const",     "continue",     "cover",    "d_step",       "d_proctype", "default",  "do",
    "double",        "else",      "elsif",        "empty",    "enabled",      "end",        "endalias", "endexists",
    "endfor",        "endforall", "endfunction",  "endif",    "endprocedure", "endrecord",  "endrule",  "endruleset",
    "endstartstate", "endswitch", "endwhile",     "enum",     "error",        "eval",       "exists",   "extern",
    "false",         "fi",        "float",        "for",      "forall",       "from",       "full",     "function",
    "get_priority",  "goto",      "hidden",       "if",       "in",           "init",       "inline",   "int",
    "interface",     "invariant", "isundefined",  "len",      "liveness",     "local",      "long",     "ltl",
    "main",          "min",       "max",          "mtype",    "nempty",       "never",      "nfull",    "not",
    "notrace",       "now",       "np_",          "od",       "of",           "or",         "pc_value", "pid",
    "print",         "printf",    "printm",       "priority", "procedure",    "proctype",   "program",  "provided",
    "put",           "record",    "register",     "restrict", "return",       "rule",       "ruleset",  "run",
    "scalarset",     "select",    "set_priority", "short",    "show",         "signed",     "sizeof",   "skip",
    "startstate",    "state",     "static",       "struct",   "switch",       "then",       "timeout",  "to",
    "trace",         "true",      "type",         "typedef",  "undefine",     "union",      "unless",   "unsigned",
    "var",           "void",      "volatile",     "while",    "xr",           "xs"};

bool is_reserved(const std::string& name) {
  std::string small;
  for (const char c : name) small += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kReserved.begin(), kReserved.end(), std::string_view(small)) != kReserved.end();
}

std::vector<std::string> name_cells(const GuardedSystem& system) {
  std::vector<std::string> names;
  std::set<std::string> used;
  for (const NamedCondition& condition : system.conditions) used.insert(condition.name);
  for (const Cell& cell : system.system.cells) {
    std::string base;
    for (const char c : cell.name) {
      const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0;
      if (fits) base += c;
      if (!fits && !base.empty() && base.back() != '_') base += '_';
    }
    while (!base.empty() && base.back() == '_') base.pop_back();
    // Words, scratch variables (t0) and the like stay apart; so do names that begin with a digit.
    const bool is_short = base.size() < 3 || std::all_of(base.begin() + 1, base.end(),
                                                         [](unsigned char c) { return std::isdigit(c) != 0; });
    if (is_short || is_reserved(base) || std::isdigit(static_cast<unsigned char>(base.front())) != 0)
      base = "q_" + base;
    std::string name = base;
    for (int i = 2; !used.insert(name).second; ++i) name = fmt::format("{}_{}", base, i);
    names.push_back(std::move(name));
  }
  return names;
}

bool is_truth(const Expr& expr) {
  if (const auto* unary = std::get_if<UnaryExpr>(&expr)) return unary->op == UnaryOp::Not;
  if (const auto* binary = std::get_if<BinaryExpr>(&expr)) return binary->op <= BinaryOp::GreaterEqual;
  return false;
}

const char* spelling(BinaryOp op, bool murphi) {
  switch (op) {
    case BinaryOp::And:
      return murphi ? "&" : "&&";
    case BinaryOp::Or:
      return murphi ? "|" : "||";
    case BinaryOp::Equal:
      return murphi ? "=" : "==";
    case BinaryOp::NotEqual:
      return "!=";
    case BinaryOp::Less:
      return "<";
    case BinaryOp::LessEqual:
      return "<=";
    case BinaryOp::Greater:
      return ">";
    case BinaryOp::GreaterEqual:
      return ">=";
    case BinaryOp::Add:
      return "+";
    case BinaryOp::Subtract:
      return "-";
    case BinaryOp::Multiply:
      return "*";
    case BinaryOp::Divide:
      return "/";
    case BinaryOp::Modulo:
      return "%";
  }
  return "?";
}

}  // namespace

FormulaText::FormulaText(const GuardedSystem& system, ExportLanguage language)
    : system_(system), murphi_(language == ExportLanguage::Murphi), names_(name_cells(system)) {}

std::string FormulaText::target(const OrderedAssign& one) const {
  return one.to_scratch ? fmt::format("t{}", one.scratch) : name(one.cell);
}

std::string FormulaText::source(const OrderedAssign& one) const {
  return one.value.valid() ? number(one.value) : fmt::format("t{}", one.scratch);
}

std::string FormulaText::truth(ExprId id) const {
  std::string out;
  truth(id, out);
  return out;
}

std::string FormulaText::number(ExprId id) const {
  std::string out;
  number(id, out);
  return out;
}

/// The operands of a && b && c without parentheses between them.
void FormulaText::chain(ExprId id, BinaryOp op, std::string& out) const {
  const auto* binary = std::get_if<BinaryExpr>(&system_.system.at(id));
  if (binary == nullptr || binary->op != op) return truth(id, out);
  chain(binary->left, op, out);
  out += fmt::format(" {} ", spelling(op, murphi_));
  chain(binary->right, op, out);
}

void FormulaText::truth(ExprId id, std::string& out) const {
  const Expr& expr = system_.system.at(id);
  if (const auto* constant = std::get_if<ConstantExpr>(&expr)) {
    out += constant->value != 0 ? "true" : "false";
  } else if (const auto* load = std::get_if<LoadExpr>(&expr);
             load != nullptr && load->place.cells.front().value >= system_.system.cells.size()) {
    out += system_.conditions[load->place.cells.front().value - system_.system.cells.size()].name;
    if (murphi_) out += "()";
  } else if (const auto* unary = std::get_if<UnaryExpr>(&expr); unary != nullptr && unary->op == UnaryOp::Not) {
    out += "!";  // with parentheses always: '!!' is an operator of Promela
    out += "(";
    truth(unary->operand, out);
    out += ")";
  } else if (is_truth(expr)) {
    const auto& binary = std::get<BinaryExpr>(expr);
    out += "(";
    if (binary.op == BinaryOp::And || binary.op == BinaryOp::Or) {
      chain(id, binary.op, out);
    } else {
      number(binary.left, out);
      out += fmt::format(" {} ", spelling(binary.op, murphi_));
      number(binary.right, out);
    }
    out += ")";
  } else if (const auto* choice = std::get_if<ConditionalExpr>(&expr)) {
    conditional(choice->condition, truth(choice->then_value), truth(choice->else_value), out);
  } else {
    out += "(";
    number(id, out);
    out += " != 0)";
  }
}

void FormulaText::conditional(ExprId condition, const std::string& then_text, const std::string& else_text,
                              std::string& out) const {
  out += fmt::format("({} {} {} : {})", truth(condition), murphi_ ? "?" : "->", then_text, else_text);
}

void FormulaText::number(ExprId id, std::string& out) const {
  const Expr& expr = system_.system.at(id);
  if (const auto* constant = std::get_if<ConstantExpr>(&expr)) {
    out += constant->value < 0 ? fmt::format("({})", constant->value) : fmt::format("{}", constant->value);
  } else if (const auto* load = std::get_if<LoadExpr>(&expr);
             load != nullptr && load->place.cells.front().value < system_.system.cells.size()) {
    out += name(load->place.cells.front());
  } else if (load != nullptr || is_truth(expr)) {
    out += fmt::format("({} {} 1 : 0)", truth(id), murphi_ ? "?" : "->");
  } else if (const auto* choice = std::get_if<ConditionalExpr>(&expr)) {
    conditional(choice->condition, number(choice->then_value), number(choice->else_value), out);
  } else if (const auto* unary = std::get_if<UnaryExpr>(&expr)) {
    out += "(0 - ";
    number(unary->operand, out);
    out += ")";
  } else if (const auto* binary = std::get_if<BinaryExpr>(&expr)) {
    const std::string left = number(binary->left);
    const std::string right = number(binary->right);
    const std::string text = fmt::format("({} {} {})", left, spelling(binary->op, murphi_), right);
    const bool divides = binary->op == BinaryOp::Divide || binary->op == BinaryOp::Modulo;
    // x / 0 is 0 here, as in every engine: a check has ended the run before.
    if (divides && !std::holds_alternative<ConstantExpr>(system_.system.at(binary->right))) {
      out += fmt::format("(({} {} 0) {} {} : 0)", right, "!=", murphi_ ? "?" : "->", text);
    } else {
      out += text;
    }
  }
}

std::vector<OrderedAssign> in_order(const GuardedSystem& system, std::vector<Update> assigns) {
  const ExprTable& table = system.system.expressions;
  const std::size_t cells = system.system.cells.size();
  std::vector<std::vector<bool>> reads;
  for (const Update& assign : assigns) {
    reads.emplace_back(cells);
    for_each_expr(table, assign.value, [&](ExprId, const Expr& expr) {
      const auto* load = std::get_if<LoadExpr>(&expr);
      if (load != nullptr && load->place.cells[0].value < cells) reads.back()[load->place.cells[0].value] = true;
    });
  }
  std::vector<OrderedAssign> result;
  std::vector<bool> done(assigns.size());
  // Values that wait in scratch variables, by the number of the variable; nothing where one is free.
  std::vector<std::optional<CellId>> waiting;
  const auto is_needed = [&](CellId cell, std::size_t except) {
    for (std::size_t j = 0; j < assigns.size(); ++j) {
      if (j != except && !done[j] && reads[j][cell.value]) return true;
    }
    return false;
  };
  for (std::size_t left = assigns.size(); left > 0; --left) {
    // A cell whose old value no other still needs goes first; if there is none, a value waits aside.
    std::size_t pick = assigns.size(), first = assigns.size();
    for (std::size_t i = 0; i < assigns.size() && pick == assigns.size(); ++i) {
      if (done[i]) continue;
      if (first == assigns.size()) first = i;
      if (!is_needed(assigns[i].cell, i)) pick = i;
    }
    if (pick != assigns.size()) {
      result.push_back({false, 0, assigns[pick].cell, assigns[pick].value});
      done[pick] = true;
    } else {
      const auto free = std::find(waiting.begin(), waiting.end(), std::nullopt);
      const auto scratch = static_cast<std::size_t>(free - waiting.begin());
      if (free == waiting.end()) waiting.emplace_back();
      waiting[scratch] = assigns[first].cell;
      result.push_back({true, scratch, assigns[first].cell, assigns[first].value});
      done[first] = true;
    }
    for (std::size_t scratch = 0; scratch < waiting.size(); ++scratch) {
      if (!waiting[scratch] || is_needed(*waiting[scratch], assigns.size())) continue;
      result.push_back({false, scratch, *waiting[scratch], {}});
      waiting[scratch].reset();
    }
  }
  return result;
}

std::string harmless(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool plain =
        std::isprint(static_cast<unsigned char>(c)) != 0 && c != '"' && c != '\\' && c != '*' && c != '%';
    if (c == '"') {
      result += '\'';
    } else if (plain) {
      result += c;
    } else {
      result += c == '*' ? 'x' : ' ';
    }
  }
  return result;
}

namespace {

constexpr const char* kTooWide = "it calculates with numbers beyond 32 bits, which the other checkers do not have";

}  // namespace

Expected<std::string> export_system(const TransitionSystem& system, const ExportOptions& options) {
  const auto guarded = guarded_by_solver(system, !options.count);
  if (!guarded) return model::unexpected(guarded.error());
  if (guarded->initial.empty()) return model::unexpected("it has no initial state");
  if (options.language == ExportLanguage::Aiger || options.language == ExportLanguage::Btor2) {
    const Expected<Encoding> encoding = encode(*guarded);
    if (!encoding) return model::unexpected(encoding.error());
    return options.language == ExportLanguage::Aiger ? aiger_text(*guarded, *encoding, options)
                                                     : btor2_text(*guarded, *encoding, options);
  }
  if (options.language == ExportLanguage::SmtLib2) return horn_text(*guarded, options);
  if (number_width(*guarded) > 32) {
    return model::unexpected(kTooWide);
  }
  return options.language == ExportLanguage::Promela ? promela_text(*guarded, options) : murphi_text(*guarded, options);
}

Expected<std::string> export_infinite_runs(const TransitionSystem& system, const ExportOptions& options) {
  InitialSolver guide(system);
  const auto runs = model::guarded_infinite_runs(system, &guide);
  if (!runs) return model::unexpected(runs.error());
  if (runs->guarded.initial.empty()) return model::unexpected("it has no initial state");
  if (number_width(runs->guarded) > 32) return model::unexpected(kTooWide);
  return promela_of_infinite_runs(*runs, options);
}

}  // namespace quiesce::checker
