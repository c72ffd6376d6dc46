// The outcome as SARIF 2.1.0 (OASIS standard, "Static Analysis Results Interchange Format"), which code scanning pages
// show beside the text: one result for each complaint (complaints.h), with the run as a code flow.
//
// Within what code scanning pages publish for sizes: at most 5,000 results, 1,000 steps of a flow and 10,000,000 bytes
// before compression. What is left out for it is said in the document.
#pragma once

#include <cstddef>
#include <string>

#include "checker/report/checked_files.h"

namespace quiesce::checker {

/// The sizes that a document keeps; smaller ones for tests.
struct SarifLimits {
  std::size_t results = 5'000;
  std::size_t flow_locations = 1'000;  // of one result; its end is kept
  std::size_t bytes = 10'000'000;      // beyond, results lose their flows, the last first
};

/// One JSON document, ended by a line break. The same input gives the same bytes. Fingerprints of results stay the same
/// when lines move: they are made of the file, the system, the rule and the text of the line.
std::string sarif(const CheckedFiles& checked, const SarifLimits& limits);
std::string sarif(const CheckedFiles& checked);

}  // namespace quiesce::checker
