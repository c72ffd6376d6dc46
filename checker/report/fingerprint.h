// What a complaint is recognised by in later runs, though lines move: SARIF gives it to code scanning pages, and a
// baseline keeps it.
#pragma once

#include <string>

#include "checker/report/complaints.h"

namespace quiesce::checker {

/// 16 hexadecimal digits of the file, the system, the rule and the text of the line. Two complaints of one rule about
/// equal lines have the same. Requires: the complaint has a place.
std::string fingerprint_of(const Complaint& complaint);

}  // namespace quiesce::checker
