#include "model/types/module_loader.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "model/base/library.h"
#include "model/base/word.h"
#include "model/syntax/parser.h"
#include "model/types/parsed_texts.h"

namespace quiesce::model::types {
namespace {

constexpr const char* kExtension = ".qsm";

bool is_module_file(const std::string& name) { return name.ends_with(kExtension); }

bool is_identifier(const std::string& text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// "my_nic" of "designs/my_nic.qsm"; "design" when that is no identifier.
std::string family_of_path(const std::string& path) {
  std::string stem = path.substr(path.find_last_of('/') + 1);
  if (is_module_file(stem)) stem.resize(stem.size() - std::string(kExtension).size());
  return is_identifier(stem) ? stem : "design";
}

}  // namespace

// --------------------------------------------------------------------------------------------- providers

MemoryFiles::MemoryFiles(std::map<std::string, std::string> files, std::string prefix)
    : files_(std::move(files)), prefix_(std::move(prefix)) {}

std::optional<std::string> MemoryFiles::read(const std::string& path) const {
  const auto found = files_.find(path);
  if (found == files_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> MemoryFiles::list(const std::string& folder) const {
  const std::string start = folder.empty() ? "" : folder + "/";
  std::set<std::string> names;
  for (const auto& [path, text] : files_) {
    if (!path.starts_with(start)) continue;
    const std::string rest = path.substr(start.size());
    const std::size_t slash = rest.find('/');
    names.insert(slash == std::string::npos ? rest : rest.substr(0, slash + 1));
  }
  return {names.begin(), names.end()};
}

namespace {

std::map<std::string, std::string> embedded_files() {
  std::map<std::string, std::string> files;
  for (const LibraryFile& file : embedded_library()) files.emplace(file.path, file.text);
  return files;
}

}  // namespace

EmbeddedLibrary::EmbeddedLibrary() : MemoryFiles(embedded_files(), "library:") {}

std::string DirectoryFiles::shown(const std::string& path) const {
  if (root_.empty() || root_ == ".") return path;
  return (std::filesystem::path(root_) / path).lexically_normal().generic_string();
}

std::optional<std::string> DirectoryFiles::read(const std::string& path) const {
  std::error_code error;
  if (!std::filesystem::is_regular_file(shown(path), error)) return std::nullopt;
  std::ifstream in(shown(path), std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> DirectoryFiles::list(const std::string& folder) const {
  std::filesystem::path root = root_.empty() ? "." : root_;
  if (!folder.empty()) root /= folder;
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    names.push_back(it->path().filename().string() + (it->is_directory(ignored) ? "/" : ""));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> ReplacedFiles::read(const std::string& path) const {
  const auto found = texts_.find(files_.shown(path));
  return found != texts_.end() ? found->second : files_.read(path);
}

const FileProvider& LayeredFiles::layer_of(const std::string& path) const {
  const std::string family = path.substr(0, path.find('/'));
  for (const auto& layer : layers_) {
    if (!layer->list(family).empty()) return *layer;
  }
  return *layers_.back();
}

std::optional<std::string> LayeredFiles::read(const std::string& path) const { return layer_of(path).read(path); }

std::string LayeredFiles::shown(const std::string& path) const { return layer_of(path).shown(path); }

std::vector<std::string> LayeredFiles::list(const std::string& folder) const {
  if (!folder.empty()) return layer_of(folder).list(folder);
  std::set<std::string> names;
  for (const auto& layer : layers_) {
    for (std::string& name : layer->list("")) names.insert(std::move(name));
  }
  return {names.begin(), names.end()};
}

// ------------------------------------------------------------------------------------------------ loading

namespace {

/// The name behind 'module' at the beginning of a text, found without parsing it; empty when there is none.
std::string module_of(const std::string& text) {
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at < text.size()) {
    if (std::isspace(static_cast<unsigned char>(text[at])) != 0 || text[at] == ';') {
      ++at;
    } else if (text.compare(at, 2, "//") == 0) {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.compare(at, 2, "/*") == 0) {
      const std::size_t end = text.find("*/", at + 2);
      at = end == std::string::npos ? text.size() : end + 2;
    } else {
      break;
    }
  }
  constexpr std::string_view kWord = "module";
  if (text.compare(at, kWord.size(), kWord) != 0) return {};
  at += kWord.size();
  const std::size_t begin = std::min(text.find_first_not_of(" \t", at), text.size());
  std::size_t end = begin;
  while (end < text.size() && (is_part_of_word(text[end]) || text[end] == '.')) {
    ++end;
  }
  return begin == at ? std::string() : text.substr(begin, end - begin);
}

class Loader {
 public:
  /// `texts` may be null.
  Loader(const FileProvider& library, const FileProvider& beside, SourceMap& sources, Diagnostics& diagnostics,
         ParsedTexts* texts)
      : library_(library), beside_(beside), sources_(sources), diagnostics_(diagnostics), texts_(texts) {
    result_.sources = &sources;
  }

  LoadedModules load(const std::string& root_name, std::string root_text) {
    add(root_name, std::move(root_text), true);
    // The root may itself be a part of a family ("wdm.interrupt"), whose other parts it sees.
    const std::string family = result_.modules.front().family;
    if (result_.modules.front().name != family) load_family(family);
    for (std::size_t i = 0; i < result_.modules.size(); ++i) {
      const syntax::File* file = result_.modules[i].file.get();
      const std::string user_family = result_.modules[i].family;
      for (const syntax::Use& use : file->uses) load_used(use, user_family);
    }
    result_.available = known_families();
    return std::move(result_);
  }

 private:
  /// Parses a text and adds it, unless a module of that name is there already (the root itself, met again in
  /// its own folder).
  void add(const std::string& shown, std::string text, bool is_root) {
    LoadedModule module;
    const FileId id = sources_.add(shown, std::move(text));
    module.file = texts_ == nullptr || is_root ? syntax::parse(id, sources_, diagnostics_)
                                               : texts_->parsed(id, sources_, diagnostics_);
    module.name = module.file->module ? module.file->module->text() : family_of_path(shown);
    module.family = module.name.substr(0, module.name.find('.'));
    module.is_root = is_root;
    result_.modules.push_back(std::move(module));
  }

  bool has_module(const std::string& name) const {
    return std::any_of(result_.modules.begin(), result_.modules.end(),
                       [&](const LoadedModule& module) { return module.name == name; });
  }

  /// Whether a text can be told, without parsing it, to be the root met again: same bytes.
  bool is_root_again(const std::string& text) const {
    return sources_.file(result_.modules.front().file->id).text() == text;
  }

  bool add_file(const FileProvider& files, const std::string& path, const std::string& family) {
    std::optional<std::string> text = files.read(path);
    if (!text) return false;
    if (is_root_again(*text)) return true;
    add(files.shown(path), std::move(*text), false);
    LoadedModule& module = result_.modules.back();
    check_name(module, family);
    return true;
  }

  /// A file of folder wdm/ must be a module of that family, and no two may have one name.
  void check_name(LoadedModule& module, const std::string& family) {
    const Span span = module.file->module ? module.file->module->span : Span{module.file->id, 0, 0};
    if (module.family != family) {
      if (module.file->module) {
        diagnostics_.error(
            "E0502", span,
            fmt::format("this file is in the folder of '{}', but calls itself module '{}'", family, module.name));
      }
      module.family = family;
    }
    for (const LoadedModule& other : result_.modules) {
      if (&other == &module || other.name != module.name || !other.file->module) continue;
      if (other.is_root) {  // the root, changed since (an editor's buffer, say): the root counts
        result_.modules.pop_back();
        return;
      }
      if (!module.file->module) continue;
      Diagnostic& error = diagnostics_.error("E0502", span, fmt::format("there are two modules '{}'", module.name));
      error.labels.push_back({other.file->module->span, "the other one"});
      return;
    }
  }

  bool load_folder(const FileProvider& files, const std::string& family) { return load_folder(files, family, family); }

  bool load_folder(const FileProvider& files, const std::string& folder, const std::string& family) {
    bool found = false;
    for (const std::string& name : files.list(folder)) {
      if (is_module_file(name) && add_file(files, folder + "/" + name, family)) found = true;
    }
    return found;
  }

  /// True when something was found, now or before.
  bool load_family(const std::string& family) {
    if (!loaded_.insert(family).second) return !missing_.contains(family);
    const bool found = load_folder(library_, family) || load_near(family);
    if (!found) missing_.insert(family);
    return found;
  }

  /// A family of the user's own: with its name in the name of a file or folder first, near before far.
  bool load_near(const std::string& family) {
    static constexpr const char* kPlaces[] = {"", "../", "../../"};
    for (const std::string place : kPlaces) {
      if (add_file(beside_, place + family + kExtension, family)) return true;
      if (load_folder(beside_, place + family, family)) return true;
    }
    for (const std::string place : kPlaces) {
      if (load_members(place, family)) return true;
    }
    return false;
  }

  /// The files of a folder that call themselves modules of the family.
  bool load_members(const std::string& place, const std::string& family) {
    bool found = false;
    for (const std::string& name : beside_.list(place.substr(0, place.rfind('/')))) {
      if (!is_module_file(name)) continue;
      const std::optional<std::string> text = beside_.read(place + name);
      if (text && module_of(*text).starts_with(family + ".")) found |= add_file(beside_, place + name, family);
    }
    return found;
  }

  void load_used(const syntax::Use& use, const std::string& user_family) {
    const std::string family = use.module.parts.front().text;
    if (family != user_family && !load_family(family)) {
      Diagnostic& error = diagnostics_.error("E0501", use.module.span, fmt::format("there is no module '{}'", family));
      if (const auto name = nearest_name(family, known_families())) {
        error.notes.push_back(fmt::format("did you mean '{}'?", *name));
      } else {
        error.notes.push_back(fmt::format(
            "looked for folder '{0}/' in the library, then beside the file and in the two folders above for '{0}.qsm', "
            "folder '{0}/' and files that begin with 'module {0}.'",
            family));
      }
      return;
    }
    if (use.module.parts.size() > 1 && !has_module(use.module.text())) {
      Diagnostic& error = diagnostics_.error("E0501", use.module.span,
                                             fmt::format("family '{}' has no module '{}'", family, use.module.text()));
      std::vector<std::string> names;
      for (const LoadedModule& module : result_.modules) {
        if (module.family == family) names.push_back(module.name);
      }
      if (const auto name = nearest_name(use.module.text(), names)) {
        error.notes.push_back(fmt::format("did you mean '{}'?", *name));
      }
    }
  }

  std::vector<std::string> known_families() const {
    std::set<std::string> names;
    for (const FileProvider* files : {&library_, &beside_}) {
      for (std::string name : files->list("")) {
        if (name.ends_with('/')) {
          name.pop_back();
        } else if (is_module_file(name)) {
          name.resize(name.size() - std::string(kExtension).size());
        } else {
          continue;
        }
        names.insert(name);
      }
    }
    return {names.begin(), names.end()};
  }

  const FileProvider& library_;
  const FileProvider& beside_;
  SourceMap& sources_;
  Diagnostics& diagnostics_;
  ParsedTexts* texts_;
  LoadedModules result_;
  std::set<std::string> loaded_;
  std::set<std::string> missing_;
};

}  // namespace

LoadedModules load_modules(const std::string& root_name, std::string root_text, const FileProvider& library,
                           const FileProvider& beside, SourceMap& sources, Diagnostics& diagnostics) {
  return Loader(library, beside, sources, diagnostics, nullptr).load(root_name, std::move(root_text));
}

LoadedModules load_modules_again(const std::string& root_name, std::string root_text, const FileProvider& library,
                                 const FileProvider& beside, SourceMap& sources, Diagnostics& diagnostics,
                                 ParsedTexts& texts) {
  return Loader(library, beside, sources, diagnostics, &texts).load(root_name, std::move(root_text));
}

}  // namespace quiesce::model::types
