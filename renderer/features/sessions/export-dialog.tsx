import { Button, Checkbox, Group, Modal, Progress, Select, Stack, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionSummary } from '../../../preload/contract/sessions.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { saveFile } from '../../lib/files.ts';
import { useLab } from '../../lib/lab.ts';
import { bytesText } from '../../lib/quantities.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import { badRule, type ExportChoices, formatProblem, formats, ofOneConversation, redactionOf, rulesOf } from './export-choices.ts';
import { ExportPreview } from './export-preview.tsx';
import css from './sessions.module.css';

/** A session as a file: which kind, of what, and what it does not tell. */
export function ExportDialog({ session, onClose }: { session: SessionSummary; onClose(): void }) {
  const { t, i18n } = useTranslation();
  const detail = useReply('sessions.show', { id: session.id });
  const [choices, setChoices] = useState<ExportChoices>({
    format: session.state === 'recording' ? 'html' : 'talkbench',
    conversationId: '',
    track: 'uplink',
    content: 'turns',
    language: i18n.language.startsWith('zh') ? 'zh' : 'en',
    includeIdentities: false,
    isSoundLeftOut: false,
    isSaidLeftOut: false,
    rules: '',
  });
  const file = useFile(session.id, onClose);
  const set = (change: Partial<ExportChoices>) => setChoices((known) => ({ ...known, ...change }));
  const conversations = detail.data?.conversations ?? [];
  const { format } = choices;
  const isOfOne = ofOneConversation.includes(format);
  const conversationId = choices.conversationId || (isOfOne ? (conversations[0]?.conversationId ?? '') : '');
  const wrong = badRule(rulesOf(choices.rules));
  const problem = formatProblem(format, session, choices);
  return (
    <Modal
      opened
      onClose={onClose}
      size={720}
      title={t('sharing.exportTitle', { title: sessionTitle(session) })}
      closeButtonProps={{ 'aria-label': t('frame.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong === null && problem === null) file.make({ ...choices, conversationId });
        }}
      >
        <Stack gap="sm">
          <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
            <Select
              label={t('sharing.format')}
              description={t(`sharing.formatHint.${format}`)}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              data={formats.map((value) => ({ value, label: t(`sharing.formatName.${value}`) }))}
              value={format}
              allowDeselect={false}
              data-autofocus
              error={problem === null ? null : t(`sharing.${problem}`)}
              onChange={(value) => value !== null && set({ format: value })}
            />
            {format !== 'talkbench' && conversations.length > 0 && (
              <Select
                label={t('sharing.conversation')}
                data={[
                  ...(isOfOne ? [] : [{ value: '', label: t('sharing.allConversations') }]),
                  ...conversations.map((one) => ({ value: one.conversationId, label: one.deviceName || one.conversationId })),
                ]}
                value={conversationId}
                allowDeselect={false}
                onChange={(value) => set({ conversationId: value ?? '' })}
              />
            )}
            {format === 'ogg' && (
              <Select
                label={t('sharing.track')}
                data={(['uplink', 'uplink-denoised', 'downlink'] as const).map((value) => ({
                  value,
                  label: t(`sharing.trackName.${value}`),
                }))}
                value={choices.track}
                allowDeselect={false}
                onChange={(value) => value !== null && set({ track: value })}
              />
            )}
            {(format === 'csv' || format === 'jsonl') && (
              <Select
                label={t('sharing.rows')}
                data={(['turns', 'events', 'notes'] as const).map((value) => ({ value, label: t(`sharing.rowsOf.${value}`) }))}
                value={choices.content}
                allowDeselect={false}
                onChange={(value) => value !== null && set({ content: value })}
              />
            )}
            {format === 'html' && (
              <Select
                label={t('sharing.language')}
                data={[
                  { value: 'en', label: 'English' },
                  { value: 'zh', label: '中文' },
                ]}
                value={choices.language}
                allowDeselect={false}
                onChange={(value) => value !== null && set({ language: value })}
              />
            )}
          </Group>
          <fieldset className={css.redaction}>
            <legend>{t('sharing.redaction')}</legend>
            <p className="quiet">{t('sharing.secretsAlways')}</p>
            <div className={css.columns}>
              <Stack gap={6}>
                <Checkbox
                  label={t('sharing.identities')}
                  checked={choices.includeIdentities}
                  onChange={(event) => set({ includeIdentities: event.currentTarget.checked })}
                />
                <Checkbox
                  label={t('sharing.leaveOutSound')}
                  checked={choices.isSoundLeftOut}
                  onChange={(event) => set({ isSoundLeftOut: event.currentTarget.checked })}
                />
                <Checkbox
                  label={t('sharing.leaveOutTranscripts')}
                  checked={choices.isSaidLeftOut}
                  onChange={(event) => set({ isSaidLeftOut: event.currentTarget.checked })}
                />
              </Stack>
              <Textarea
                label={t('sharing.rules')}
                description={t('sharing.rulesHint')}
                value={choices.rules}
                autosize
                minRows={2}
                maxRows={5}
                spellCheck={false}
                error={
                  wrong === null
                    ? null
                    : wrong.problem === null
                      ? t('sharing.shortRule', { rule: wrong.rule })
                      : t('sharing.badRule', { rule: wrong.rule, problem: wrong.problem })
                }
                onChange={(event) => set({ rules: event.currentTarget.value })}
              />
            </div>
            <ExportPreview id={session.id} redaction={redactionOf(choices)} isDisabled={wrong !== null} />
          </fieldset>
          {file.error !== null && <ErrorNotice error={file.error} />}
          <Group justify="flex-end">
            {file.progress !== null && (
              <output className={css.progress}>
                <Progress value={file.progress.share * 100} animated={file.progress.share === 0} aria-label={t('sharing.making')} />
                <span className="quiet">
                  {file.progress.totalBytes === 0
                    ? t('sharing.making')
                    : t('sharing.reading', { done: bytesText(file.progress.doneBytes), total: bytesText(file.progress.totalBytes) })}
                </span>
              </output>
            )}
            <Button variant="default" onClick={file.progress === null ? onClose : file.cancel}>
              {t('frame.cancel')}
            </Button>
            <Button type="submit" disabled={wrong !== null || problem !== null} loading={file.progress !== null}>
              {t('sharing.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface FileProgress {
  doneBytes: number;
  totalBytes: number;
  share: number;
}

/** The file piece by piece, then saved; cancelled with its dialog too. */
function useFile(id: string, onSaved: () => void) {
  const lab = useLab();
  const [progress, setProgress] = useState<FileProgress | null>(null);
  const [error, setError] = useState<TalkErrorValue | null>(null);
  const aborting = useRef<AbortController | null>(null);

  async function fetchAll(choices: ExportChoices, signal: AbortSignal): Promise<void> {
    const { format, conversationId, track, content, language } = choices;
    const request = {
      id,
      format,
      ...redactionOf(choices),
      ...(conversationId === '' || format === 'talkbench' ? {} : { conversationId }),
      ...(format === 'ogg' ? { track } : {}),
      ...(format === 'csv' || format === 'jsonl' ? { content } : {}),
      ...(format === 'html' ? { language } : {}),
    };
    const parts: Uint8Array[] = [];
    let doneBytes = 0;
    for (let cursor: string | undefined; ; ) {
      const piece = await lab.call('sessions.export', { ...request, ...(cursor === undefined ? {} : { cursor }) }, { signal });
      parts.push(piece.data);
      doneBytes += piece.data.byteLength;
      const totalBytes = piece.totalBytes ?? doneBytes;
      setProgress({ doneBytes, totalBytes, share: totalBytes === 0 ? 1 : doneBytes / totalBytes });
      cursor = piece.cursor ?? undefined;
      if (cursor !== undefined) continue;
      saveFile(piece.fileName, parts);
      return;
    }
  }

  return {
    progress,
    error,
    make(choices: ExportChoices): void {
      const controller = new AbortController();
      aborting.current = controller;
      setError(null);
      setProgress({ doneBytes: 0, totalBytes: 0, share: 0 });
      fetchAll(choices, controller.signal)
        .then(onSaved, (reason: unknown) => {
          if (!isCancelled(reason)) setError(errorValueOf(reason));
        })
        .finally(() => setProgress(null));
    },
    cancel: () => aborting.current?.abort(),
  };
}
