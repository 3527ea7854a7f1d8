import { Button, Checkbox, FileButton, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { IconPlayerPlayFilled, IconPlayerStopFilled } from '@tabler/icons-react';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { asrModels, speechLanguages } from '../../../preload/contract/cloud/speech-languages.ts';
import { readFile } from '../../lib/files.ts';
import { isAddress, isSpoken, jobOf, type Service, type SpeechDraft } from './draft.ts';
import css from './speech.module.css';
import type { SpeechRun } from './use-speech-run.ts';

interface FormProps {
  draft: SpeechDraft;
  run: SpeechRun;
  onChange(change: Partial<SpeechDraft>): void;
}

const services = ['translate', 'asr', 'text-translate', 'summary'] as const satisfies readonly Service[];

/** Which service, with what, and where. */
export function SpeechForm({ draft, run, onChange }: FormProps) {
  const { t } = useTranslation();
  const job = jobOf(draft);
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (job !== null && !run.isRunning) run.start(job);
  }
  return (
    <form className={css.form} onSubmit={onSubmit} autoComplete="off">
      <SegmentedControl
        fullWidth
        aria-label={t('speech.service.label')}
        value={draft.service}
        onChange={(service) => onChange({ service })}
        data={services.map((value) => ({ value, label: t(`speech.service.${value}`) }))}
      />
      {draft.service === 'translate' && <TranslationFields draft={draft} onChange={onChange} />}
      {draft.service === 'asr' && <RecognitionFields draft={draft} onChange={onChange} />}
      {draft.service === 'text-translate' && <Languages draft={draft} onChange={onChange} />}
      {isSpoken(draft) ? <Spoken draft={draft} onChange={onChange} /> : <Written draft={draft} onChange={onChange} />}
      <details className={css.fold}>
        <summary>{t('speech.elsewhere')}</summary>
        <div className={css.folded}>
          <TextInput
            label={t('speech.url')}
            description={t('speech.urlHint')}
            placeholder="wss://host:port"
            value={draft.url}
            error={!isAddress(draft.url) && t('speech.urlWrong')}
            onChange={(event) => onChange({ url: event.currentTarget.value.trim() })}
          />
          {draft.service === 'asr' ? (
            <TextInput
              label={t('speech.appId')}
              description={t('speech.appIdHint')}
              value={draft.appId}
              onChange={(event) => onChange({ appId: event.currentTarget.value.trim() })}
            />
          ) : (
            <TextInput
              label={t('speech.token')}
              description={t('speech.tokenHint')}
              value={draft.token}
              onChange={(event) => onChange({ token: event.currentTarget.value.trim() })}
            />
          )}
        </div>
      </details>
      <div className={css.row}>
        {run.isRunning ? (
          <Button variant="default" leftSection={<IconPlayerStopFilled size={14} />} onClick={run.stop}>
            {t('speech.stop')}
          </Button>
        ) : (
          <Button type="submit" disabled={job === null} leftSection={<IconPlayerPlayFilled size={14} />}>
            {t('speech.start')}
          </Button>
        )}
        {run.isRunning && draft.service === 'translate' && (
          <>
            <Button variant="default" onClick={() => run.tell({ isTtsOn: false })}>
              {t('speech.voiceOff')}
            </Button>
            <Button variant="default" onClick={() => run.tell({ isTtsOn: true })}>
              {t('speech.voiceOn')}
            </Button>
            <Button variant="default" onClick={() => run.tell({ ping: new Date().toISOString() })}>
              ping
            </Button>
          </>
        )}
      </div>
    </form>
  );
}

type Part = Pick<FormProps, 'draft' | 'onChange'>;

function Languages({ draft, onChange }: Part) {
  const { t, i18n } = useTranslation();
  const data = speechLanguages.map(({ code, zh, en }) => ({ value: code, label: `${i18n.language === 'zh' ? zh : en} (${code})` }));
  return (
    <div className={css.pair}>
      <Select
        label={t('speech.source')}
        data={data}
        allowDeselect={false}
        searchable
        value={draft.source}
        onChange={(source) => source !== null && onChange({ source })}
      />
      <Select
        label={t('speech.target')}
        data={data}
        allowDeselect={false}
        searchable
        value={draft.target}
        onChange={(target) => target !== null && onChange({ target })}
      />
    </div>
  );
}

function TranslationFields({ draft, onChange }: Part) {
  const { t } = useTranslation();
  return (
    <>
      <SegmentedControl
        aria-label={t('speech.version')}
        value={String(draft.version)}
        onChange={(version) => onChange({ version: version === '1' ? 1 : 2 })}
        data={[
          { value: '1', label: t('speech.v1') },
          { value: '2', label: t('speech.v2') },
        ]}
      />
      <Languages draft={draft} onChange={onChange} />
      <div className={css.row}>
        <Checkbox
          label={t('speech.tts')}
          checked={draft.isTtsOn}
          onChange={(event) => onChange({ isTtsOn: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('speech.ttsStream')}
          checked={draft.isTtsStream}
          onChange={(event) => onChange({ isTtsStream: event.currentTarget.checked })}
        />
      </div>
    </>
  );
}

function RecognitionFields({ draft, onChange }: Part) {
  const { t } = useTranslation();
  return (
    <>
      <div className={css.pair}>
        <Select
          label={t('speech.model')}
          data={asrModels.map(({ model }) => model)}
          allowDeselect={false}
          value={draft.model}
          onChange={(model) => model !== null && onChange({ model })}
        />
        <Select
          label={t('speech.rate')}
          data={[
            { value: '16000', label: '16 kHz' },
            { value: '8000', label: '8 kHz' },
          ]}
          allowDeselect={false}
          value={String(draft.sampleRate)}
          onChange={(rate) => onChange({ sampleRate: rate === '8000' ? 8000 : 16_000 })}
        />
      </div>
      <Checkbox
        label={t('speech.tooFast')}
        description={t('speech.tooFastHint')}
        checked={draft.isTooFast}
        onChange={(event) => onChange({ isTooFast: event.currentTarget.checked })}
      />
    </>
  );
}

function Spoken({ draft, onChange }: Part) {
  const { t } = useTranslation();
  return (
    <>
      <SegmentedControl
        aria-label={t('speech.speech')}
        value={draft.speech}
        onChange={(speech) => onChange({ speech })}
        data={[
          { value: 'text', label: t('speech.sentence') },
          { value: 'wav', label: t('speech.wav') },
        ]}
      />
      {draft.speech === 'text' ? (
        <div className={css.sentence}>
          <TextInput
            label={t('speech.sentenceLabel')}
            maxLength={500}
            value={draft.sentence}
            onChange={(event) => onChange({ sentence: event.currentTarget.value })}
          />
          <SegmentedControl
            aria-label={t('speech.sentenceLanguage')}
            value={draft.sentenceLanguage}
            onChange={(sentenceLanguage) => onChange({ sentenceLanguage })}
            data={[
              { value: 'zh', label: '中文' },
              { value: 'en', label: 'English' },
            ]}
          />
        </div>
      ) : (
        <div className={css.row}>
          <FileButton
            accept=".wav,audio/wav"
            onChange={(file) => file !== null && void readFile(file).then((bytes) => onChange({ wav: { name: file.name, bytes } }))}
          >
            {(props) => (
              <Button variant="default" {...props}>
                {t('speech.choose')}
              </Button>
            )}
          </FileButton>
          <span className="quiet truncate">{draft.wav?.name ?? t('speech.noFile')}</span>
        </div>
      )}
    </>
  );
}

function Written({ draft, onChange }: Part) {
  const { t } = useTranslation();
  return (
    <>
      <Textarea
        label={t('speech.text')}
        autosize
        minRows={4}
        maxRows={14}
        maxLength={200_000}
        value={draft.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
      />
      <Checkbox
        label={t('speech.stream')}
        checked={draft.isStream}
        onChange={(event) => onChange({ isStream: event.currentTarget.checked })}
      />
      {draft.service === 'summary' && (
        <TextInput
          label={t('speech.prompt')}
          description={t('speech.promptHint')}
          disabled={!draft.isStream}
          maxLength={4000}
          value={draft.prompt}
          onChange={(event) => onChange({ prompt: event.currentTarget.value })}
        />
      )}
    </>
  );
}
