/** The environment of somebody's desk, wherever these tests run: what CI systems set is taken back. */

export const onADesk: Readonly<Record<string, string>> = Object.fromEntries(
  ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION", "BUILDKITE"].map((name) => [name, ""]),
);
