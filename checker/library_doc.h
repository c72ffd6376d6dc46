// What modules offer, as their text and '///' comments say it: the data behind `quiesce doc` and docs/library.md. Read
// from the syntax alone, so that it works on any text that parses; how it is shown is library_doc_report.h's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quiesce::checker {

/// A part of a declaration: a function of a machine or interface, a value of an enum, a field of a struct, a documented
/// variable.
struct DocPart {
  std::string name;       // "signal"
  std::string signature;  // "atomic fn signal()"
  std::string doc;        // the '///' before it; lines joined with '\n'
};

struct DocItem {
  enum class Kind { Machine, Interface, Function, Levels, Enum, Struct, Parameter, Constant, Rule, System };
  Kind kind = Kind::Machine;
  std::string name;                    // "wdm.Line"
  std::string signature;               // "machine Line(trigger: Trigger, dirql: Level)", on one line
  std::string doc;                     // as in DocPart
  std::vector<DocPart> parts;          //
  std::vector<std::string> requires_;  // names of the rules that its text requires or violates, in order, each once
  std::string title;                   // of a rule
  std::string because;                 // of a rule; may be empty
  std::vector<std::string> citations;  // of a rule
  std::string source;                  // its text with its documentation, ended by a line break
};

struct DocModule {
  std::string name;    // "wdm.line"
  std::string family;  // "wdm"
  std::string doc;
  bool built_in = false;       // as in DocText
  std::vector<DocItem> items;  // in the order of the text
};

struct DocText {
  std::string path;  // for the name of a module without a 'module' line
  std::string_view text;
  bool built_in = false;  // of the library inside the program
};

/// The modules of these texts, in their order. What does not parse is left out from where the parser gave up.
std::vector<DocModule> library_doc(const std::vector<DocText>& texts);

}  // namespace quiesce::checker
