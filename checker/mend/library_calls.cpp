#include "checker/mend/library_calls.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/base/contains.h"
#include "model/base/word.h"
#include "model/types/type_rules.h"

namespace quiesce::checker {

using namespace model::types;

namespace {

std::string family_of(const std::string& qualified) { return qualified.substr(0, qualified.find('.')); }

struct Mentions {
  std::size_t calls = 0;
  std::size_t declarations = 0;
};

/// How often `text` calls a function of this name, and declares one.
Mentions mentions_in(std::string_view text, const std::string& name) {
  const std::string wanted = name + "(";
  constexpr std::string_view kDeclares = "fn ";
  Mentions found;
  for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
    if (at > 0 && is_part_of_word(text[at - 1])) continue;
    const bool declares = at >= kDeclares.size() && text.substr(at - kDeclares.size(), kDeclares.size()) == kDeclares;
    ++(declares ? found.declarations : found.calls);
  }
  return found;
}

using Opposites = std::pair<std::string_view, std::string_view>;

/// What takes a lock and what gives it back, in the words of the library.
constexpr std::array<Opposites, 5> kLocking = {
    {{"Acquire", "Release"}, {"acquire", "release"}, {"try_lock", "unlock"}, {"lock", "unlock"}, {"Enter", "Leave"}}};

/// The variable that keeps what the routine that takes a lock returns, for the one that gives it back.
constexpr const char* kBeforeLock = "level_before";

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(ends.first - a.begin());
}

/// The call among `calls` that gives back what `acquire` takes; null when there is none.
const LibraryCall* release_of(const LibraryCall& acquire, const std::vector<LibraryCall>& calls) {
  const std::string name = own_name(acquire.function->name);
  for (const auto& [open, close] : kLocking) {
    const std::size_t at = name.find(open);
    if (at == std::string::npos) continue;
    const std::string wanted = std::string(name).replace(at, open.size(), close);
    const LibraryCall* best = nullptr;
    std::size_t longest = at + close.size();
    for (const LibraryCall& call : calls) {
      if (call.object != acquire.object || call.function == acquire.function) continue;
      const std::string candidate = own_name(call.function->name);
      const std::size_t common = common_prefix(candidate, wanted);
      const bool is_better = candidate == wanted || common > longest;
      if (!is_better) continue;
      best = &call;
      longest = candidate == wanted ? std::string::npos - 1 : common;
    }
    if (best != nullptr) return best;
  }
  return nullptr;
}

/// What a call is about, from its text: the function with the object before the dot, and the first argument.
std::string subject_of(const std::string& call) { return call.substr(0, call.find_first_of(",)")); }

}  // namespace

bool takes_back(const std::string& call, const std::string& next) {
  constexpr std::array<Opposites, 7> kOthers = {{{"enable", "disable"},
                                                 {"Connect", "Disconnect"},
                                                 {"connect", "disconnect"},
                                                 {"Insert", "Remove"},
                                                 {"Set", "Cancel"},
                                                 {"Raise", "Lower"},
                                                 {"Register", "Unregister"}}};
  const std::string done = subject_of(call);
  const auto is_taken_back = [&](const Opposites& pair) {
    const std::size_t at = done.find(pair.first);
    return at != std::string::npos && std::string(done).replace(at, pair.first.size(), pair.second) == subject_of(next);
  };
  return std::any_of(kLocking.begin(), kLocking.end(), is_taken_back) ||
         std::any_of(kOthers.begin(), kOthers.end(), is_taken_back);
}

CallMaker::CallMaker(const LoadedDesign& design, model::FileId own, std::vector<std::string> used,
                     const std::vector<std::string>& asked)
    : design_(design), own_(own), used_(std::move(used)), asked_(design, own, asked) {}

bool CallMaker::is_used(const std::string& name) const {
  return mentions_in(design_.sources.file(own_).text(), name).calls > 0;
}

/// Whether the library itself calls the function, other than from the drivers that it has for neighbours.
bool CallMaker::is_plumbing(const FunctionDecl& function) const {
  const std::string name = own_name(function.name);
  for (std::uint32_t i = 0; i < design_.sources.size(); ++i) {
    const model::SourceFile& file = design_.sources.file(model::FileId(i));
    if (model::FileId(i) == own_ || file.name().ends_with("neighbour.qsm")) continue;
    const Mentions found = mentions_in(file.text(), name);
    const bool calls_another = found.declarations > 0 && model::FileId(i) != function.span.file;
    if (found.calls > 0 && !calls_another) return true;
  }
  return false;
}

bool CallMaker::may_call(const FunctionDecl& function) const {
  if (function.span.file == own_ || function.kind == FunctionDecl::Kind::Expression || !function.has_body) return false;
  const std::string name = own_name(function.name);
  if (is_used(name)) return true;
  // What has the name of a routine of the system is one, whatever else calls it.
  const bool is_named_as_routine = std::isupper(static_cast<unsigned char>(name.front())) != 0;
  return !function.doc.empty() && (is_named_as_routine || !is_plumbing(function));
}

std::vector<std::string> CallMaker::arguments_for(const VariableDecl& parameter,
                                                  const std::vector<TypedName>& names) const {
  std::vector<std::string> choices;
  const Type& type = *parameter.type;
  if (type.kind == Type::Kind::Bool) return {"true", "false"};
  if (type.kind == Type::Kind::Enum) choices = type.enumeration->values;
  for (const TypedName& name : names) {
    if (fits(type, *name.type)) choices.push_back(name.text);
  }
  return choices;
}

void CallMaker::add(const FunctionDecl& function, const std::string& callee, const std::string& object,
                    const std::vector<TypedName>& names, std::vector<LibraryCall>& calls) const {
  std::vector<std::vector<std::string>> lists = {{}};
  for (const auto& parameter : function.parameters) {
    if (parameter->init != nullptr) break;  // the defaults are good enough
    std::vector<std::vector<std::string>> longer;
    for (const std::string& choice : arguments_for(*parameter, names)) {
      for (const std::vector<std::string>& list : lists) {
        if (longer.size() == kMostForOne) break;
        longer.push_back(list);
        longer.back().push_back(choice);
      }
    }
    lists = std::move(longer);
  }
  const bool is_known = is_used(own_name(function.name));
  const bool is_asked = !lists.empty() && asked_.are_set_by(function);
  for (std::vector<std::string>& list : lists) {
    LibraryCall call;
    call.text = fmt::format("{}({})", callee, fmt::join(list, ", "));
    call.function = &function;
    call.object = !object.empty() ? object : list.empty() ? "" : list.front();
    call.arguments = std::move(list);
    call.is_used = is_known;
    call.is_asked = is_asked;
    calls.push_back(std::move(call));
  }
}

std::vector<LibraryCall> CallMaker::calls(const std::vector<TypedName>& names) const {
  std::vector<LibraryCall> calls;
  for (const auto& function : design_.program->functions) {
    if (contains(used_, family_of(function->name)) && may_call(*function))
      add(*function, function->name, "", names, calls);
  }
  for (const TypedName& name : names) {
    const MachineDecl* machine = name.type->kind == Type::Kind::Ref ? name.type->machine : nullptr;
    if (machine == nullptr || machine->span.file == own_) continue;
    for (const Member& member : machine->members) {
      const auto* function = std::get_if<std::unique_ptr<FunctionDecl>>(&member);
      if (function != nullptr && may_call(**function))
        add(**function, name.text + "." + (*function)->name, name.text, names, calls);
    }
  }
  return calls;
}

std::vector<LockCalls> CallMaker::locks(const std::vector<TypedName>& names) const {
  std::vector<LockCalls> locks;
  std::vector<TypedName> with_old = {{kBeforeLock, simple_type(Type::Kind::Level)}};
  with_old.insert(with_old.end(), names.begin(), names.end());
  const std::vector<LibraryCall> all = calls(with_old);
  for (const LibraryCall& call : all) {
    if (contains(call.arguments, std::string(kBeforeLock))) continue;
    const LibraryCall* release = release_of(call, all);
    if (release == nullptr) continue;
    const bool keeps = contains(release->arguments, std::string(kBeforeLock));
    locks.push_back({call.object, keeps ? fmt::format("var {} = {}", kBeforeLock, call.text) : call.text, release->text,
                     call.text, call.is_used});
  }
  for (const TypedName& name : names) {
    if (is_lock(*name.type)) locks.push_back({name.text, "acquire " + name.text, "release " + name.text, "", true});
  }
  return locks;
}

std::string first_sentence(const std::string& doc) {
  const std::size_t line = doc.find("\n\n");
  std::string text = doc.substr(0, line);
  std::replace(text.begin(), text.end(), '\n', ' ');
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && (i + 1 == text.size() || text[i + 1] == ' ')) return text.substr(0, i);
  }
  return text;
}

}  // namespace quiesce::checker
