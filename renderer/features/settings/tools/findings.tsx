import { IconAlertTriangle, IconCircleX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { LintFinding } from '../../../../preload/contract/agents.ts';
import css from './tools.module.css';

/** What is wrong between a thing model and the tools that use it, the worst first. */
export function Findings({ findings }: { findings: readonly LintFinding[] }) {
  const { t } = useTranslation();
  const sorted = findings.toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
  return (
    <ul className={css.findings} aria-label={t('agents.lint.title')}>
      {sorted.map((finding) => (
        <li key={`${finding.where} ${finding.code} ${JSON.stringify(finding.data)}`} data-severity={finding.severity}>
          {finding.severity === 'error' ? <IconCircleX size={14} aria-hidden /> : <IconAlertTriangle size={14} aria-hidden />}
          <span>
            <span className="mono">{finding.where}</span> {t(`agents.lint.code.${finding.code}`)}{' '}
            <span className="quiet mono">{factsText(finding.data)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function factsText(data: Record<string, unknown>): string {
  return Object.entries(data)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
