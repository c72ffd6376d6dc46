#include "checker/report/variable_named.h"

#include <vector>

#include <fmt/format.h>

#include "checker/report/layout.h"
#include "model/base/diagnostic.h"

namespace quiesce::checker {

using namespace model;

Expected<std::size_t> variable_named(const TransitionSystem& system, const std::string& name) {
  std::vector<std::size_t> found;
  std::vector<std::string> all, names;
  for (std::size_t v = 0; v < system.variables.size(); ++v) {
    const Variable& variable = system.variables[v];
    if (variable.hidden) continue;
    if (variable.name == name) return v;
    all.push_back(variable.name);
    if (!variable.name.ends_with("." + name)) continue;
    found.push_back(v);
    names.push_back(variable.name);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    const auto near = nearest_name(name, all);
    return unexpected(
        fmt::format("there is no variable '{}'{}", name,
                    near ? fmt::format("; did you mean '{}'?", *near) : ": 'quiesce show FILE' lists all"));
  }
  return unexpected(fmt::format("'{}' may be any of {}: say more of its name", name, joined(names)));
}

}  // namespace quiesce::checker
