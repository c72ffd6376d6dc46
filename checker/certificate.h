// A certificate: the directory with which it can be checked independently that an inductive invariant proves rules of a
// design, with Z3, with cvc5, or with any other solver that reads SMT-LIB 2.
//
//     manifest.txt   which design and rules it is about, what is trusted, and the files with a hash of each
//     invariant.txt  the invariant, a clause a line
//     *.smt2         one script for each obligation (checker/evidence/obligations.h); each answer is to be `unsat`
//     step.cnf       that every step keeps the invariant and none breaks a rule, as clauses for SAT solvers
//                    (checker/symbolic/invariant_dimacs.h); to be unsatisfiable
//
// It claims of each of its rules that no run breaks it, of all core rules too. A reader that only runs the scripts
// trusts that they are about the design. recheck_certificate() trusts nothing in the directory: it reads the design
// again, makes the scripts again, and compares them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "checker/evidence/recheck.h"
#include "checker/load.h"
#include "checker/result/invariant.h"
#include "checker/result/result.h"
#include "checker/result/search_control.h"
#include "model/base/expected.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// Which system a certificate is about, so that it can be made again.
struct CertificateSubject {
  std::string design;     // the file, as the user named it
  LoadOptions options;    // of load_design(); texts, limits and `wanted` are not kept
  std::size_t check = 0;  // position in LoadedDesign::checks
  std::size_t cell = 0;   // position in LoadedCheck::cases
};

/// Writes a certificate into `directory`, which is made unless it is there; scripts of an earlier one are removed.
/// Requires: as for_each_obligation(), `predicates` too. `guarded` is made from the system of `subject`. Nothing on
/// success, else what could not be written.
model::Expected<void> write_certificate(const std::string& directory, const CertificateSubject& subject,
                                        const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                                        const std::vector<model::RuleId>& rules, const model::SourceMap& sources,
                                        const std::vector<std::string>& predicates = {});

/// The same for what prove() found of `system`: the rules of `proof`. An error too when it has proved nothing that is
/// asked for, when a core rule is not part of it, and when `control` says stop.
model::Expected<void> write_certificate(const std::string& directory, const CertificateSubject& subject,
                                        const model::TransitionSystem& system, const Proof& proof,
                                        const model::SourceMap& sources, const SearchControl& control,
                                        const std::vector<std::string>& predicates = {});

/// The certificates in `directory`: itself, or the folders in it that hold one, in the order of their names.
std::vector<std::string> certificates_in(const std::string& directory);

struct CertificateOptions {
  std::string design;             // instead of the file that the manifest names; empty: that one
  std::string library_directory;  // as in LoadOptions
  bool other_solver = true;       // ask cvc5 too, where it is installed
};

struct CertificateReport {
  RecheckResult result;
  bool asked_sat = false;    // there are clauses, and CaDiCaL found nothing that satisfies them
  bool asked_other = false;  // cvc5 was there and gave the same answers
  std::string design;        // what was read
  std::string system;
  std::vector<std::string> rules;     // that are proved when the result is Accepted
  std::vector<std::string> left_out;  // asked for by the check, and not claimed
  std::string about;                  // which system, in a few words
  std::string trusted;                // what is not checked again, in a few words
};

/// Rechecks the certificate in `directory`. Nothing when there is none, or when its design cannot be read; a
/// certificate that was changed is a report with Outcome::Refused. `progress` gets the number of obligations done so
/// far.
model::Expected<CertificateReport> recheck_certificate(const std::string& directory, const CertificateOptions& options,
                                                       const SearchControl& control,
                                                       const std::function<void(std::size_t)>& progress = nullptr);

}  // namespace quiesce::checker
