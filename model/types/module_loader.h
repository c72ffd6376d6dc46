// From the name and text of a file to the syntax trees of everything that it uses, directly or not, each file
// once. A module `wdm.interrupt` belongs to the family `wdm`, its first part: `use wdm` and `use wdm.interrupt`
// both load the whole family: the first of these that there is.
//
//   1. every .qsm file directly in folder wdm/ of the library
//   2. wdm.qsm or the folder wdm/ beside the file that was asked for, and in the two folders above it
//   3. the files beside it, or in one of the two folders above it, that call themselves 'module wdm.x'
//
// Files are read through FileProvider, so that tests need no disk.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/syntax/tree.h"

namespace quiesce::model::types {

/// Where modules are read from. Paths are relative, with slashes.
class FileProvider {
 public:
  virtual ~FileProvider() = default;
  /// The text of a file; nothing when there is none that can be read.
  virtual std::optional<std::string> read(const std::string& path) const = 0;
  /// What is directly in a folder ("" is the root), sorted; names of folders end with '/'. Empty when there is none.
  virtual std::vector<std::string> list(const std::string& folder) const = 0;
  /// The name under which messages show a file.
  virtual std::string shown(const std::string& path) const = 0;
};

/// Several libraries: a family belongs to the first of them that has a folder of its name, and is taken from there as a
/// whole, so that no family is a mixture of two.
class LayeredFiles : public FileProvider {
 public:
  explicit LayeredFiles(std::vector<std::unique_ptr<FileProvider>> layers) : layers_(std::move(layers)) {}
  std::optional<std::string> read(const std::string& path) const override;
  std::vector<std::string> list(const std::string& folder) const override;
  std::string shown(const std::string& path) const override;

 private:
  /// The layer that has the family of `path`; the last one when none has.
  const FileProvider& layer_of(const std::string& path) const;

  std::vector<std::unique_ptr<FileProvider>> layers_;  // at least one
};

/// Files in memory.
class MemoryFiles : public FileProvider {
 public:
  /// `prefix` stands before the path in messages.
  explicit MemoryFiles(std::map<std::string, std::string> files = {}, std::string prefix = "");
  std::optional<std::string> read(const std::string& path) const override;
  std::vector<std::string> list(const std::string& folder) const override;
  std::string shown(const std::string& path) const override { return prefix_ + path; }

 private:
  std::map<std::string, std::string> files_;
  std::string prefix_;
};

/// The library inside the program (model/base/library.h), shown as "library:wdm/line.qsm".
class EmbeddedLibrary : public MemoryFiles {
 public:
  EmbeddedLibrary();
};

/// A folder on disk; "" is the current one.
class DirectoryFiles : public FileProvider {
 public:
  explicit DirectoryFiles(std::string root) : root_(std::move(root)) {}
  std::optional<std::string> read(const std::string& path) const override;
  std::vector<std::string> list(const std::string& folder) const override;
  std::string shown(const std::string& path) const override;

 private:
  std::string root_;
};

/// The files of another provider, some of them with another text: by the name under which messages show the file.
class ReplacedFiles : public FileProvider {
 public:
  /// Both outlive this.
  ReplacedFiles(const FileProvider& files, const std::map<std::string, std::string>& texts)
      : files_(files), texts_(texts) {}
  std::optional<std::string> read(const std::string& path) const override;
  std::vector<std::string> list(const std::string& folder) const override { return files_.list(folder); }
  std::string shown(const std::string& path) const override { return files_.shown(path); }

 private:
  const FileProvider& files_;
  const std::map<std::string, std::string>& texts_;
};

struct LoadedModule {
  std::string family;  // "wdm"; of a file without 'module' its file name, or "design"
  std::string name;    // "wdm.interrupt"
  std::unique_ptr<syntax::File> file;
  bool is_root = false;  // the file that was asked for
};

struct LoadedModules {
  const SourceMap* sources = nullptr;  // owns the texts; outlives this
  std::vector<LoadedModule> modules;   // the root first, then in the order in which they were used
  std::vector<std::string> available;  // families that could be used, sorted
};

/// Loads `root_name` (as the user wrote it) with its text and all that it needs. `beside` is the folder of the root.
/// Findings of the parser and unknown modules go to `diagnostics`; what could be loaded is returned.
LoadedModules load_modules(const std::string& root_name, std::string root_text, const FileProvider& library,
                           const FileProvider& beside, SourceMap& sources, Diagnostics& diagnostics);

}  // namespace quiesce::model::types
