#include "checker/sat/dimacs.h"

#include <iterator>
#include <sstream>

#include <fmt/format.h>

namespace quiesce::checker {

void Dimacs::add(std::span<const int> clause) {
  ++clauses_;
  for (const int literal : clause) fmt::format_to(std::back_inserter(lines_), "{} ", literal);
  lines_ += "0\n";
}

std::string Dimacs::text(const std::string& comment) const {
  std::string result;
  std::istringstream lines(comment);
  for (std::string line; std::getline(lines, line);) result += "c " + line + "\n";
  return result + fmt::format("p cnf {} {}\n", variables_, clauses_) + lines_;
}

}  // namespace quiesce::checker
