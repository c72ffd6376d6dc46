#include "checker/certificate.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "checker/evidence/other_solver.h"
#include "checker/prove.h"

namespace quiesce::checker {
namespace {

namespace fs = std::filesystem;
using namespace model;
using Outcome = RecheckResult::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// n is at most 2, though its domain says 7; of this the invariant has to know.
constexpr const char* kDesign = R"(module counter
system S {
  n: int 0..7 = 0
  action up when n < 2 { n += 1 }
  action down when n > 0 { n -= 1 }
  invariant low: n <= 2
  reachable two: n == 2
}
check S
)";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string hash_of(const std::string& text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

const SearchControl& unlimited() {
  static const SearchControl control(Limits{}, nullptr);
  return control;
}

class Certificate : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("quiesce_certificate_" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    design_ = (folder_ / "counter.qsm").string();
    directory_ = (folder_ / "proof").string();
    write(design_, kDesign);
    subject_.design = design_;
    loaded_ = load_design(design_, kDesign, subject_.options);
    ASSERT_TRUE(loaded_->ok());
    auto guarded = guarded_system(loaded_->checks.front().cases.front().system);
    ASSERT_TRUE(guarded);
    guarded_ = std::move(*guarded);
    const CellId n = cell("n");
    invariant_.clauses = {{{{n, 2, false}}}, {{{n, 1, false}, {n, 0, false}}}};
  }
  void TearDown() override { fs::remove_all(folder_); }

  CellId cell(const std::string& name) const {
    for (std::size_t i = 0; i < guarded_.system.cells.size(); ++i) {
      if (guarded_.system.cells[i].name == name) return CellId(i);
    }
    ADD_FAILURE() << "there is no cell " << name;
    return CellId(std::size_t{0});
  }

  RuleId rule(const std::string& name) const {
    for (std::size_t i = 0; i < guarded_.system.rules.size(); ++i) {
      if (guarded_.system.rules[i].name == name) return RuleId(i);
    }
    ADD_FAILURE() << "there is no rule " << name;
    return RuleId(std::size_t{0});
  }

  void write_it() {
    const auto written =
        write_certificate(directory_, subject_, guarded_, invariant_, claimable_rules(guarded_), loaded_->sources);
    ASSERT_TRUE(written) << written.error();
  }

  CertificateReport rechecked() {
    CertificateOptions options;
    options.other_solver = false;
    const auto report = recheck_certificate(directory_, options, unlimited());
    EXPECT_TRUE(report) << report.error();
    return report ? *report : CertificateReport{};
  }

  /// Replaces a text in a file of the certificate.
  void change(const std::string& file, const std::string& from, const std::string& to) {
    const fs::path path = fs::path(directory_) / file;
    std::string text = read(path);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " is not in " << text;
    write(path, text.replace(at, from.size(), to));
  }

  fs::path folder_;
  std::string design_, directory_;
  CertificateSubject subject_;
  std::unique_ptr<LoadedDesign> loaded_;
  GuardedSystem guarded_;
  InductiveInvariant invariant_;
};

TEST_F(Certificate, IsAcceptedAsItIs) {
  write_it();
  const CertificateReport report = rechecked();
  EXPECT_EQ(report.result.outcome, Outcome::Accepted) << report.result.problem;
  EXPECT_THAT(report.rules, testing::Contains("counter.S.low"));
  EXPECT_THAT(report.left_out, testing::Contains("counter.S.two"));
  EXPECT_GE(report.result.questions, 3u);
}

TEST_F(Certificate, IsAcceptedByCvc5) {
  if (!has_other_solver()) GTEST_SKIP() << "cvc5 is not installed";
  write_it();
  const auto report = recheck_certificate(directory_, {}, unlimited());
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->result.outcome, Outcome::Accepted) << report->result.problem;
  EXPECT_TRUE(report->asked_other);
}

TEST_F(Certificate, MayBeAboutParametersAndOptions) {
  subject_.options.plain = true;
  subject_.options.rules = {"counter.S.low"};
  loaded_ = load_design(design_, kDesign, subject_.options);
  guarded_ = *guarded_system(loaded_->checks.front().cases.front().system);
  write_it();
  const CertificateReport report = rechecked();
  EXPECT_EQ(report.result.outcome, Outcome::Accepted) << report.result.problem;
  EXPECT_THAT(report.rules, ElementsAre("core.range", "counter.S.low"));
  EXPECT_EQ(report.about, "the system of the text");
}

TEST_F(Certificate, IsAcceptedByASatSolverToo) {
  write_it();
  EXPECT_TRUE(rechecked().asked_sat);
  EXPECT_THAT(read(fs::path(directory_) / "step.cnf"), HasSubstr("p cnf "));
}

TEST_F(Certificate, HasToClaimCoreRules) {
  const auto written =
      write_certificate(directory_, subject_, guarded_, invariant_, {rule("counter.S.low")}, loaded_->sources);
  ASSERT_TRUE(written) << written.error();
  const CertificateReport report = rechecked();
  EXPECT_EQ(report.result.outcome, Outcome::Refused);
  EXPECT_THAT(report.result.problem, HasSubstr("core.range"));
}

TEST_F(Certificate, IsWrittenOfWhatProveFound) {
  const TransitionSystem& system = loaded_->checks.front().cases.front().system;
  ProveOptions options;
  options.certify = true;  // though the search is done first
  const SearchResult result = prove(system, options);
  ASSERT_TRUE(result.proof);
  EXPECT_TRUE(result.complete);
  const auto written = write_certificate(directory_, subject_, system, *result.proof, loaded_->sources, unlimited());
  ASSERT_TRUE(written) << written.error();
  EXPECT_EQ(rechecked().result.outcome, Outcome::Accepted);
}

TEST_F(Certificate, IsNotWrittenWhereNothingWasProved) {
  const TransitionSystem& system = loaded_->checks.front().cases.front().system;
  EXPECT_FALSE(write_certificate(directory_, subject_, system, Proof{}, loaded_->sources, unlimited()));
  EXPECT_FALSE(fs::exists(directory_));
}

TEST_F(Certificate, OfSeveralCasesStandsInSeveralFolders) {
  const std::string whole = directory_;
  for (const char* name : {"/b", "/a"}) {
    directory_ = whole + name;
    write_it();
  }
  EXPECT_THAT(certificates_in(whole), ElementsAre(whole + "/a", whole + "/b"));
  EXPECT_THAT(certificates_in(directory_), ElementsAre(directory_));
  EXPECT_TRUE(certificates_in(design_).empty());
}

TEST_F(Certificate, SaysWhichClauseIsNotKept) {
  invariant_.clauses.pop_back();
  invariant_.clauses.push_back({{{cell("n"), 1, false}}});  // n is 0 or 1
  write_it();
  const CertificateReport report = rechecked();
  EXPECT_EQ(report.result.outcome, Outcome::Refused);
  EXPECT_THAT(report.result.problem, HasSubstr("clause 2 of the invariant is not kept"));
  EXPECT_THAT(report.result.problem, HasSubstr("up"));
}

TEST_F(Certificate, SaysWhichRuleIsNotProved) {
  invariant_.clauses.pop_back();
  invariant_.clauses.clear();
  write_it();
  const CertificateReport report = rechecked();
  EXPECT_EQ(report.result.outcome, Outcome::Refused);
  EXPECT_THAT(report.result.problem, HasSubstr("counter.S.low"));
}

TEST_F(Certificate, SaysWhatIsNotTrueInitially) {
  invariant_.clauses.push_back({{{cell("n"), 0, true}}});
  write_it();
  EXPECT_THAT(rechecked().result.problem, HasSubstr("clause 3 of the invariant is not true"));
}

TEST_F(Certificate, OfAnotherDesignIsRefused) {
  write_it();
  std::string other = kDesign;
  write(design_, other.replace(other.find("n < 2"), 5, "n < 3"));
  EXPECT_THAT(rechecked().result.problem, HasSubstr("another"));
}

TEST_F(Certificate, IsFoundWhereTheDesignIsToday) {
  write_it();
  const std::string moved = (folder_ / "moved.qsm").string();
  fs::rename(design_, moved);
  CertificateOptions options;
  EXPECT_FALSE(recheck_certificate(directory_, options, unlimited()));
  options.design = moved;
  options.other_solver = false;
  const auto report = recheck_certificate(directory_, options, unlimited());
  ASSERT_TRUE(report) << report.error();
  // Scripts name places by the file.
  EXPECT_NE(report->result.outcome, Outcome::Undecided);
}

TEST_F(Certificate, IsUndecidedWhenTimeIsOver) {
  write_it();
  Limits limits;
  limits.time = std::chrono::milliseconds(0);
  const SearchControl control(limits, nullptr);
  const auto report = recheck_certificate(directory_, {}, control);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->result.outcome, Outcome::Undecided);
}

TEST_F(Certificate, IsRefusedWithoutOneOfItsFiles) {
  write_it();
  std::vector<fs::path> files(fs::directory_iterator(directory_), fs::directory_iterator{});
  for (const fs::path& path : files) {
    if (path.filename() == "manifest.txt") continue;
    const std::string text = read(path);
    fs::remove(path);
    EXPECT_EQ(rechecked().result.outcome, Outcome::Refused) << path;
    write(path, text);
  }
  EXPECT_EQ(rechecked().result.outcome, Outcome::Accepted);
}

TEST_F(Certificate, IsRefusedWithAnotherBitAnywhere) {
  write_it();
  std::vector<fs::path> files(fs::directory_iterator(directory_), fs::directory_iterator{});
  for (const fs::path& path : files) {
    const std::string text = read(path);
    for (std::size_t i = 0; i < 12; ++i) {
      std::string changed = text;
      changed[i * (text.size() - 1) / 11] ^= 1;
      write(path, changed);
      CertificateOptions options;
      options.other_solver = false;
      const auto report = recheck_certificate(directory_, options, unlimited());
      // In the manifest, a word for readers may change without harm.
      const bool harmless = path.filename() == "manifest.txt" && report && report->rules.size() > 1;
      EXPECT_TRUE(!report || report->result.outcome == Outcome::Refused || harmless) << path << ", " << i;
    }
    write(path, text);
  }
}

/// A change by a writer that knows the format, hashes included.
struct Forgery {
  const char* name;
  const char* file;
  const char* from;
  const char* to;
};

constexpr Forgery kForgeries[] = {
    {"AScriptThatAssertsFalse", "properties.smt2", "(set-logic QF_BV)\n", "(set-logic QF_BV)\n(assert false)\n"},
    {"AScriptWithoutAQuestion", "properties.smt2", "(check-sat)", ""},
    {"ACommentOfAScript", "properties.smt2", "; Each", "; Every"},
    {"ClausesThatSayLess", "step.cnf", "c To be", "c Is to be"},
    {"ClausesOutOfReach", "step.cnf", " 0\n", " 0\n1 0\n-1 0\n"},
    {"AClauseMore", "invariant.txt", "# cell 0", "false\n# cell 0"},
    {"ARuleMore", "manifest.txt", "rule: ", "rule: counter.S.two\nrule: "},
    {"ARuleThatIsNone", "manifest.txt", "rule: ", "rule: counter.nothing\nrule: "},
    {"AFileMore", "manifest.txt", "file: ", "file: 00000000000000000000000000000000 1 more.smt2\nfile: "},
    {"AnotherCheck", "manifest.txt", "check: 0", "check: 1"},
    {"AnotherSystem", "manifest.txt", "check: 0", "define: n=1\ncheck: 0"},
    {"StepsOfTheText", "manifest.txt", "check: 0", "plain: yes\nasked: counter.*\ncheck: 0"},
};

void PrintTo(const Forgery& forgery, std::ostream* out) { *out << forgery.name; }

class Forgeries : public Certificate, public testing::WithParamInterface<Forgery> {};

TEST_P(Forgeries, AreRefused) {
  write_it();
  const Forgery& forgery = GetParam();
  const std::string before = hash_of(read(fs::path(directory_) / forgery.file));
  change(forgery.file, forgery.from, forgery.to);
  const std::string after = hash_of(read(fs::path(directory_) / forgery.file));
  if (forgery.file != std::string("manifest.txt")) change("manifest.txt", before, after);
  CertificateOptions options;
  options.other_solver = false;
  const auto report = recheck_certificate(directory_, options, unlimited());
  EXPECT_TRUE(!report || report->result.outcome == Outcome::Refused);
}

INSTANTIATE_TEST_SUITE_P(All, Forgeries, testing::ValuesIn(kForgeries),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace quiesce::checker
