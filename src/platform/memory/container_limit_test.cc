#include "platform/memory/container_limit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "testing/temp_folder.h"

namespace cdclake::memory {
namespace {

/// A file system of which only the control groups are there.
class Machine {
 public:
  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file(root() + path);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }
  std::string root() const { return folder_.path(); }

 private:
  testing::TempFolder folder_;
};

TEST(ContainerLimitTest, TakesTheLeastOfTheGroupsAbove) {
  Machine machine;
  machine.write("/proc/self/cgroup", "0::/system.slice/cdclake.service");
  machine.write("/sys/fs/cgroup/system.slice/memory.max", "1073741824");
  machine.write("/sys/fs/cgroup/system.slice/cdclake.service/memory.max", "max");
  EXPECT_EQ(container_limit(machine.root()), 1'073'741'824);
  machine.write("/sys/fs/cgroup/system.slice/cdclake.service/memory.max", "536870912");
  EXPECT_EQ(container_limit(machine.root()), 536'870'912);
}

TEST(ContainerLimitTest, FindsTheLimitWhereAContainerSeesItsOwnGroupAsTheRoot) {
  Machine machine;
  machine.write("/proc/self/cgroup", "0::/");
  machine.write("/sys/fs/cgroup/memory.max", "268435456");
  EXPECT_EQ(container_limit(machine.root()), 268'435'456);
}

TEST(ContainerLimitTest, KnowsTheFirstVersionOfControlGroups) {
  Machine machine;
  machine.write("/proc/self/cgroup", "9:name=systemd:/docker/a\n4:memory:/docker/a");
  machine.write("/sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes", "536870912");
  EXPECT_EQ(container_limit(machine.root()), 536'870'912);
}

TEST(ContainerLimitTest, FindsNoneWhereNoneIsSet) {
  Machine machine;
  EXPECT_EQ(container_limit(machine.root()), std::nullopt);
  machine.write("/proc/self/cgroup", "0::/a\n4:memory:/docker/a");
  machine.write("/sys/fs/cgroup/a/memory.max", "max");
  machine.write("/sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes", "9223372036854771712");
  EXPECT_EQ(container_limit(machine.root()), std::nullopt);
}

}  // namespace
}  // namespace cdclake::memory
