#include "stages/audit/folder_audit.h"

#include <map>
#include <set>
#include <string>

#include "platform/lake/lake_layout.h"

namespace cdclake::audit {
namespace {

using metadata::FileAccount;
using metadata::FileState;
using metadata::FolderView;

class FolderAudit {
 public:
  FolderAudit(lake::LakeFs& fs, const metadata::Accounts& accounts, const LakeListing& listing,
              Depth depth, Findings& findings)
      : fs_(fs), listing_(listing), depth_(depth), findings_(findings) {
    for (const FileAccount& it : accounts.files) files_[it.file.id.value] = &it;
    for (const FolderView& it : accounts.folders) views_[it.folder] = &it;
  }

  void look_at(const FolderView& view) {
    if (!view.is_published) return;  // Not swapped in yet: the next start of the job does it.
    if (!has_text(view.folder / view.marker, lake::marker_text(view.version))) {
      report(view.folder, "the folder's " + view.marker + " does not say " + view.version);
    }
    for (const auto& [name, text] : view.texts) {
      if (!has_text(view.folder / name, text)) report(view.folder, name + " is not as written");
    }
    for (const FolderView::Link& link : view.links) {
      if (!is_link_to(view.folder / link.name, link.file)) {
        report(view.folder, link.name + " is not the file that the version names");
      }
    }
  }

  // A folder that was compacted is marked; its parts are gone from it.
  void look_at_compacted(const FileAccount& account) {
    const lake::LakePath folder = account.file.final_path.parent();
    if (account.state != FileState::kPublished || views_.contains(folder)) return;
    if (!has_text(folder / lake::kCompactedMarker, lake::marker_text(account.file.id.value))) {
      report(folder, "the folder's " + std::string(lake::kCompactedMarker) +
                         " does not name its compacted file");
    }
  }

  void look_at(const metadata::TableAccount& account) {
    if (!account.version) return;
    const auto broken = [&](const std::string& what) {
      findings_.push_back(about_table(Fault::kVersionBroken,
                                      account.table.id.display() + ", version " +
                                          std::to_string(account.version->version) + ": " + what,
                                      account.table.id.name()));
    };
    const auto& files = account.version->files;
    if (files.empty()) broken("the store names no file of it");
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!is_live(files[i].id)) broken("its file " + files[i].id.value + " was replaced");
      if (i > 0 && files[i].key_min <= files[i - 1].key_max) {
        broken("the keys of its files " + files[i - 1].id.value + " and " + files[i].id.value +
               " overlap");
      }
    }
    const auto view = views_.find(lake::current_folder(account.table.path_segment));
    if (view == views_.end()) return broken("the store knows no folder that shows it");
    if (view->second->links.size() != files.size()) {
      broken("it has " + std::to_string(files.size()) + " files, and its folder should show " +
             std::to_string(view->second->links.size()));
    }
  }

 private:
  bool is_live(const FileId& id) const {
    const auto found = files_.find(id.value);
    return found != files_.end() && (found->second->state == FileState::kPrepared ||
                                     found->second->state == FileState::kPublished);
  }

  bool has_text(const lake::LakePath& path, const std::string& text) const {
    if (!listing_.contains(path)) return false;
    const auto found = lake::read_text(fs_, path);
    return found && *found == text;
  }

  /// Two names of one file need not be compared byte for byte. A copy of a lake may have two files
  /// in their place.
  bool is_link_to(const lake::LakePath& link, const FileId& id) const {
    const auto found = files_.find(id.value);
    const auto name = listing_.find(link);
    if (found == files_.end() || name == listing_.end()) return false;
    const metadata::PreparedFile& file = found->second->file;
    const auto original = listing_.find(file.final_path);
    const bool is_same = original != listing_.end() && name->second.inode == original->second.inode;
    if (is_same || depth_ == Depth::kStore) return name->second.size == file.bytes;
    return lake::verify_content(fs_, link, file.bytes, file.content).has_value();
  }

  void report(const lake::LakePath& folder, const std::string& what) {
    findings_.push_back(about_path(Fault::kFolderWrong, what, fs_.absolute(folder)));
  }

  lake::LakeFs& fs_;
  const LakeListing& listing_;
  Depth depth_;
  Findings& findings_;
  std::map<std::string, const FileAccount*> files_;
  std::map<lake::LakePath, const FolderView*> views_;
};

}  // namespace

void audit_folders(lake::LakeFs& fs, const metadata::Accounts& accounts, const LakeListing& listing,
                   Depth depth, Findings& findings) {
  FolderAudit audit(fs, accounts, listing, depth, findings);
  for (const FolderView& it : accounts.folders) audit.look_at(it);
  for (const FileAccount& it : accounts.files) {
    if (it.file.kind == metadata::FileKind::kBronzeCompacted) audit.look_at_compacted(it);
  }
  std::set<std::string> named;
  for (const metadata::TableAccount& it : accounts.tables) {
    audit.look_at(it);
    if (!it.version) continue;
    for (const metadata::CurrentFile& file : it.version->files) named.insert(file.id.value);
  }
  for (const FileAccount& it : accounts.files) {
    const bool is_current = it.file.kind == metadata::FileKind::kCurrent;
    if (!is_current || it.state == FileState::kSuperseded || named.contains(it.file.id.value)) {
      continue;
    }
    findings.push_back(about_path(Fault::kVersionBroken,
                                  "no version names this file, and none replaced it",
                                  fs.absolute(it.file.final_path)));
  }
}

}  // namespace cdclake::audit
