#include "checker/mend/asked_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <variant>

#include "model/base/word.h"
#include "model/types/type_rules.h"

namespace quiesce::checker {

using namespace model::types;

namespace {

/// From the "=" behind `begin` to the end of the function, which an empty line, a comment or a declaration tells.
std::string_view expression_at(std::string_view text, std::size_t begin) {
  const std::size_t from = text.find(" =", begin);
  if (from == std::string_view::npos) return {};
  std::size_t end = text.size();
  for (const std::string_view next : {"\n\n", "\n  ///", "fn ", "\n}"}) end = std::min(end, text.find(next, from));
  return text.substr(from, end - from);
}

/// By "=", or by a change of a queue or a set.
bool sets(std::string_view body, std::string_view name) {
  constexpr std::array<std::string_view, 7> kWays = {" = ", " += ", " -= ", ".push", ".pop", ".add", ".remove"};
  for (std::size_t at = body.find(name); at != std::string_view::npos; at = body.find(name, at + 1)) {
    if (at > 0 && is_part_of_word(body[at - 1])) continue;
    const std::string_view rest = body.substr(at + name.size());
    const auto is_way = [&](std::string_view way) { return rest.starts_with(way); };
    if (std::any_of(kWays.begin(), kWays.end(), is_way)) return true;
  }
  return false;
}

}  // namespace

std::string_view body_at(std::string_view text, std::size_t begin) {
  const std::size_t open = text.find('{', begin);
  std::size_t depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return text.substr(open, at - open);
  }
  return {};
}

std::vector<std::string> names_in_text(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_part_of_word(text[end])) ++end;
    const bool goes_on = end + 1 < text.size() && text[end] == '.' && is_part_of_word(text[end + 1]);
    const bool is_name = end - at > 2 && std::islower(static_cast<unsigned char>(text[at])) != 0 && !goes_on;
    const std::string name(text.substr(at, end - at));
    if (is_name && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    at = std::max(end, at + 1);
  }
  return names;
}

AskedNames::AskedNames(const LoadedDesign& design, model::FileId own, const std::vector<std::string>& names)
    : names_(names.begin(), names.end()) {
  if (names.empty()) return;
  for (const auto& function : design.program->functions) {
    if (function->span.file != own) add(design, *function);
  }
  for (const auto& machine : design.program->machines) {
    if (machine->span.file == own) continue;
    for (const Member& member : machine->members) {
      const auto* function = std::get_if<std::unique_ptr<FunctionDecl>>(&member);
      if (function != nullptr) add(design, **function);
    }
  }
  std::vector<std::string> open = names;
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> more;
    for (const std::string& name : open) {
      const auto known = expressions_.find(name);
      if (known == expressions_.end()) continue;
      for (const std::string_view text : known->second) {
        for (std::string& one : names_in_text(text)) more.push_back(std::move(one));
      }
    }
    names_.insert(more.begin(), more.end());
    open = std::move(more);
  }
}

void AskedNames::add(const LoadedDesign& design, const FunctionDecl& function) {
  if (!function.span.valid()) return;
  const std::string_view text = design.sources.file(function.span.file).text();
  const bool is_expression = function.kind == FunctionDecl::Kind::Expression;
  if (!is_expression && !function.has_body) return;
  const std::string_view body =
      is_expression ? expression_at(text, function.span.begin) : body_at(text, function.span.begin);
  (is_expression ? expressions_ : bodies_)[own_name(function.name)].push_back(body);
  if (!is_expression) body_of_[&function] = body;
}

bool AskedNames::are_set_by(const FunctionDecl& function) const {
  const auto body = body_of_.find(&function);
  return body != body_of_.end() && are_set_in(body->second, 2);
}

bool AskedNames::are_set_in(std::string_view body, int deeper) const {
  if (std::any_of(names_.begin(), names_.end(), [&](const std::string& name) { return sets(body, name); })) return true;
  if (deeper == 0) return false;
  for (const std::string& name : names_in_text(body)) {
    const auto called = bodies_.find(name);
    if (called == bodies_.end() || body.find(name + "(") == std::string_view::npos) continue;
    const auto sets_it = [&](std::string_view inner) { return are_set_in(inner, deeper - 1); };
    if (std::any_of(called->second.begin(), called->second.end(), sets_it)) return true;
  }
  return false;
}

}  // namespace quiesce::checker
