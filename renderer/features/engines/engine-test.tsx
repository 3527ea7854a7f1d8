import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconFlask, IconPlayerStopFilled } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EngineStage, EngineTestReport } from '../../../preload/contract/engines.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { millisecondsText } from '../../lib/quantities.ts';
import css from './engines.module.css';

/** Tries an engine once: what came, when, and what is wrong. */
export function EngineTest({ stage, id, languages }: { stage: EngineStage; id: string; languages: readonly string[] }) {
  const { t, i18n } = useTranslation();
  const lab = useLab();
  const only = languages.filter((each) => each === 'zh' || each === 'en');
  const [language, setLanguage] = useState<'zh' | 'en'>(only.length === 1 ? (only[0] as 'zh') : i18n.language === 'zh' ? 'zh' : 'en');
  const [text, setText] = useState('');
  const [report, setReport] = useState<EngineTestReport | null>(null);
  const [refused, setRefused] = useState<TalkErrorValue | null>(null);
  const [isRunning, setRunning] = useState(false);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  async function run(): Promise<void> {
    abort.current = new AbortController();
    setRunning(true);
    setReport(null);
    setRefused(null);
    try {
      const body = { stage, id, language, ...(text.trim() === '' ? {} : { text: text.trim() }) };
      setReport(await lab.call('engines.test', body, { signal: abort.current.signal }));
    } catch (error) {
      if (!isCancelled(error)) setRefused(errorValueOf(error));
    } finally {
      setRunning(false);
    }
  }

  return (
    <section className={css.card} aria-labelledby="engine-test">
      <h2 id="engine-test">{t('engines.test.title')}</h2>
      <div className="quiet">{t('engines.test.hint')}</div>
      <form
        className={css.row}
        onSubmit={(event) => {
          event.preventDefault();
          if (!isRunning) void run();
        }}
      >
        <SegmentedControl
          aria-label={t('engines.test.language')}
          value={language}
          onChange={setLanguage}
          data={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
        {stage !== 'vad' && (
          <TextInput
            className={css.grow}
            aria-label={t('engines.test.text')}
            placeholder={t('engines.test.textHint')}
            maxLength={500}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        {isRunning ? (
          <Button variant="default" leftSection={<IconPlayerStopFilled size={14} />} onClick={() => abort.current?.abort()}>
            {t('engines.test.stop')}
          </Button>
        ) : (
          <Button type="submit" leftSection={<IconFlask size={14} />}>
            {t('engines.test.run')}
          </Button>
        )}
      </form>
      <div aria-live="polite">
        {isRunning && <span className="quiet">{t('engines.test.running')}</span>}
        {refused !== null && <ErrorNotice error={refused} />}
        {report !== null && <Report report={report} />}
      </div>
    </section>
  );
}

/** Punctuation and spaces are the recogniser's own; what was said is the words. */
function words(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[\p{P}\s]+/gu, ' ')
    .trim();
}

function Report({ report }: { report: EngineTestReport }) {
  const { t } = useTranslation();
  const { error, expected, text } = report;
  const isOther = error === null && expected !== null && words(text ?? '') !== words(expected);
  const times: [string, number | null][] = [
    [t('engines.test.connect'), report.connectMs],
    [t('engines.test.first'), report.firstMs],
    [t('engines.test.final'), report.finalMs],
    [t('engines.test.total'), report.totalMs],
    [t('engines.test.audio'), report.audioMs],
  ];
  return (
    <div className={css.report} data-testid="engine-report" data-outcome={error !== null ? 'failed' : isOther ? 'different' : 'ok'}>
      <div className={css.verdict}>
        {error === null ? <IconCircleCheck size={18} aria-hidden /> : <IconCircleX size={18} aria-hidden />}
        <strong>{error !== null ? t('engines.test.failed') : isOther ? t('engines.test.different') : t('engines.test.ok')}</strong>
        <span className="quiet mono">{report.engine}</span>
      </div>
      {error !== null && <ErrorNotice error={error} />}
      <dl className={css.facts}>
        {times
          .filter((entry): entry is [string, number] => entry[1] !== null)
          .map(([name, ms]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{millisecondsText(ms * 1000)}</dd>
            </div>
          ))}
        {report.realTimeFactor !== null && (
          <div title={t('engines.test.factorHint')}>
            <dt>{t('engines.test.factor')}</dt>
            <dd>{report.realTimeFactor.toFixed(2)}</dd>
          </div>
        )}
      </dl>
      {expected !== null && (
        <div>
          <span className="quiet">{t('engines.test.expected')}</span> {expected}
        </div>
      )}
      {text !== null && (
        <div>
          <span className="quiet">{expected === null ? t('engines.test.answered') : t('engines.test.heard')}</span> {text}
        </div>
      )}
    </div>
  );
}
