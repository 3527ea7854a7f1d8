import { Button, FileButton } from '@mantine/core';
import { IconDownload, IconFileMusic } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../../preload/contract/index.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { Sound } from '../../../components/sound.tsx';
import { useAction } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { readFile, saveFile } from '../../../lib/files.ts';
import { useLab } from '../../../lib/lab.ts';
import { useCheckWords } from '../check-words.ts';
import css from '../checks.module.css';
import link from '../link/link.module.css';
import details from '../run/details.module.css';
import { Waveform } from '../run/evidence-sound.tsx';
import { ValueLine } from '../run/value-figure.tsx';

type Measured = { name: string } & ({ report: CallReply<'checks.opusFile'> } | { error: unknown });

/** The vendor's files: a record.opus to be measured, and what a board is to play with what that has to sound like. */
export function FilesTab() {
  const { t } = useTranslation();
  const lab = useLab();
  const { run, isBusy } = useAction();
  const [measured, setMeasured] = useState<Measured | null>(null);

  async function measure(file: File): Promise<void> {
    const data = (await readFile(file)).slice();
    setMeasured(
      await lab.call('checks.opusFile', { data }).then(
        (report) => ({ name: file.name, report }),
        (error: unknown) => ({ name: file.name, error }),
      ),
    );
  }
  async function save(frameMs: 20 | 40 | 60, which: 'recvOpus' | 'outputWav'): Promise<void> {
    const reference = await run('checks.reference', { frameMs });
    if (reference !== null) saveFile(which === 'recvOpus' ? `recv-${frameMs}ms.opus` : `output-${frameMs}ms.wav`, reference[which]);
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.scroll} tabIndex={0} aria-label={t('checks.tabs.files')}>
      <div className={css.page}>
        <h1>{t('checks.files.title')}</h1>
        <p className="quiet">{t('checks.files.hint')}</p>
        <FileButton accept=".opus,.ogg,.bin" onChange={(file) => file !== null && void measure(file)}>
          {(props) => (
            <Button {...props} w="max-content" leftSection={<IconFileMusic size={16} aria-hidden />}>
              {t('checks.files.choose')}
            </Button>
          )}
        </FileButton>
        {measured !== null &&
          ('error' in measured ? (
            <ErrorNotice error={errorValueOf(measured.error)} />
          ) : (
            <FileReport name={measured.name} report={measured.report} />
          ))}
        <h2>{t('checks.files.reference')}</h2>
        <p className="quiet">{t('checks.files.referenceHint')}</p>
        <div className={link.references}>
          {([20, 40, 60] as const).map((ms) => (
            <div key={ms}>
              <b>{t('checks.files.frame', { ms })}</b>
              {(['recvOpus', 'outputWav'] as const).map((which) => (
                <Button
                  key={which}
                  size="compact-sm"
                  variant="default"
                  disabled={isBusy}
                  aria-label={`${t(`checks.files.${which}`)}, ${t('checks.files.frame', { ms })}`}
                  leftSection={<IconDownload size={14} aria-hidden />}
                  onClick={() => void save(ms, which)}
                >
                  {t(`checks.files.${which}`)}
                </Button>
              ))}
            </div>
          ))}
        </div>
      </div>
    </section>
  );
}

const measuringChecks = ['uplink.frames', 'uplink.level', 'uplink.noise', 'uplink.dropouts', 'uplink.clock', 'uplink.spectrum'] as const;

function FileReport({ name, report }: { name: string; report: CallReply<'checks.opusFile'> }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  /** A value of the uplink's checks has its words there. */
  const nameOf = (value: string): string =>
    measuringChecks.map((check) => words.valueName(check, value)).find((found) => found !== value) ?? value;
  return (
    <section className={css.page} aria-label={name} data-testid="opus-file">
      <p>
        <b>{name}</b>{' '}
        <span className="quiet">
          {t('checks.files.cut', {
            container: t(`checks.files.container.${report.container as 'ogg'}`, { defaultValue: report.container }),
          })}
        </span>
      </p>
      <table className={details.values}>
        <tbody>
          {report.values.map((value) => (
            <tr key={value.name} data-met={value.isMet ?? undefined}>
              <th scope="row">{nameOf(value.name)}</th>
              <td>
                {value.isMet !== null && <span className={details.met}>{value.isMet ? '✓' : '✗'}</span>}
                {words.value(value)}
              </td>
              <td>
                <ValueLine value={value} />
              </td>
              <td>{words.limit(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={details.sound}>
        <Waveform wav={report.wav} />
        <Sound wav={report.wav} label={t('checks.files.sound')} />
      </div>
    </section>
  );
}
