import { type Finding, formatFinding } from '../../kit/check/finding.js';
import type { Project } from '../../kit/project/project.js';

/** Every finding with its place, its line and the way out, one below the other. */
export function formatFindings(project: Project, findings: readonly Finding[]): string {
  return findings.map((finding) => formatFinding(finding, project.modules.get(finding.file))).join('\n\n');
}
