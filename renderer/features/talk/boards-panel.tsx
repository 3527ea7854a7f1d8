import { ActionIcon, Button, CopyButton, FileButton, Group, Select, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconMicrophone, IconPlayerStopFilled, IconTerminal2, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VirtualBoard } from '../../../preload/contract/boards.ts';
import { useAction } from '../../lib/actions.ts';
import { readFile } from '../../lib/files.ts';
import { useBoards } from '../../lib/streams.ts';
import css from './talk.module.css';

const troubles = ['none', 'no-sim', 'pin', 'no-signal', 'weak-signal', 'denied', 'slow-network', 'interrupts'] as const;
type Trouble = (typeof troubles)[number];

export function BoardsPanel() {
  const { t, i18n } = useTranslation();
  const { run, isBusy } = useAction();
  const boards = useBoards() ?? [];
  const [typedName, setName] = useState<string | null>(null);
  const name = typedName ?? freeName(boards);
  const [firmware, setFirmware] = useState<'installed' | 'blank' | 'cat1'>('installed');
  const [trouble, setTrouble] = useState<Trouble>('none');
  return (
    <section className={css.group} aria-labelledby="boards-title">
      <h2 id="boards-title">{t('talk.boards')}</h2>
      {boards.map((board) => (
        <BoardCard key={board.name} board={board} />
      ))}
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          void run(
            'boards.start',
            firmware === 'cat1' ? { name, kind: 'cat1', trouble } : { name, firmware, language: i18n.language === 'zh' ? 'zh' : 'en' },
          );
          setName(null);
        }}
      >
        <Group gap={6} wrap="nowrap" align="end">
          <TextInput
            label={t('talk.boardName')}
            value={name}
            pattern="[\w\-]{1,32}"
            required
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={t('talk.firmware')}
            allowDeselect={false}
            value={firmware}
            onChange={(value) => value !== null && setFirmware(value)}
            data={[
              { value: 'installed', label: t('talk.installed') },
              { value: 'blank', label: t('talk.blank') },
              { value: 'cat1', label: t('talk.cat1') },
            ]}
          />
        </Group>
        {firmware === 'cat1' && (
          <Select
            label={t('talk.trouble.label')}
            allowDeselect={false}
            value={trouble}
            onChange={(value) => value !== null && setTrouble(value)}
            data={troubles.map((each) => ({ value: each, label: t(`talk.trouble.${each}`) }))}
          />
        )}
        <Button type="submit" variant="default" fullWidth loading={isBusy}>
          {t('talk.startBoard')}
        </Button>
      </form>
    </section>
  );
}

/** `bench`, or the first `bench-2`, `bench-3` … that no running board has. */
function freeName(boards: readonly VirtualBoard[]): string {
  const taken = new Set(boards.map((board) => board.name));
  let number = 1;
  while (taken.has(number === 1 ? 'bench' : `bench-${number}`)) number++;
  return number === 1 ? 'bench' : `bench-${number}`;
}

function BoardCard({ board }: { board: VirtualBoard }) {
  const { t, i18n } = useTranslation();
  const { run, isBusy } = useAction();
  const [text, setText] = useState('');
  const language = /\p{Script=Han}/u.test(text) ? 'zh' : 'en';

  async function speakText(): Promise<void> {
    if (text.trim() === '') return;
    const done = await run('boards.speak', { name: board.name, source: { kind: 'text', text: text.trim(), language } });
    // What was typed meanwhile is the next thing to say.
    if (done !== null) setText((typed) => (typed === text ? '' : typed));
  }
  async function speakFile(file: File | null): Promise<void> {
    if (file !== null) await run('boards.speak', { name: board.name, source: { kind: 'wav', wav: (await readFile(file)).slice() } });
  }

  return (
    <div className={css.card}>
      <Group gap={6} wrap="nowrap">
        <span className={css.dot} data-on={board.state === 'running' || undefined} />
        <strong className="truncate">{board.name}</strong>
        <span className="quiet truncate">
          {board.state === 'running' ? t(`talk.activity.${board.activity}`) : t(`talk.boardState.${board.state}`)}
        </span>
        <span className={css.grow} />
        <Tooltip label={t('talk.monitor')}>
          <ActionIcon component="a" href={`#/monitor?port=${encodeURIComponent(board.address)}`} aria-label={t('talk.monitor')}>
            <IconTerminal2 size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('talk.stopBoard')}>
          <ActionIcon aria-label={t('talk.stopBoard')} onClick={() => void run('boards.stop', { name: board.name })}>
            <IconPlayerStopFilled size={14} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {board.ptyPath !== null && (
        <Group gap={4} wrap="nowrap">
          <span className="mono quiet truncate">{board.ptyPath}</span>
          <CopyButton value={board.ptyPath}>
            {({ copied, copy }) => (
              <ActionIcon size={20} aria-label={copied ? t('frame.copied') : t('frame.copy')} onClick={copy}>
                {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
              </ActionIcon>
            )}
          </CopyButton>
        </Group>
      )}
      {board.kind !== 'cat1' && board.kind !== 'bk7258' && board.state === 'running' ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void speakText();
          }}
        >
          <Group gap={4} wrap="nowrap">
            <TextInput
              className={css.grow}
              aria-label={t('talk.speakHint')}
              placeholder={t('talk.speakPlaceholder')}
              lang={i18n.language}
              maxLength={500}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <Tooltip label={t('talk.speak')}>
              <ActionIcon type="submit" variant="light" color="trace" size={30} aria-label={t('talk.speak')} loading={isBusy}>
                <IconMicrophone size={16} />
              </ActionIcon>
            </Tooltip>
            <FileButton accept=".wav,audio/wav" onChange={(file) => void speakFile(file)}>
              {(props) => (
                <Tooltip label={t('talk.speakWav')}>
                  <ActionIcon {...props} size={30} aria-label={t('talk.speakWav')}>
                    <IconUpload size={16} />
                  </ActionIcon>
                </Tooltip>
              )}
            </FileButton>
          </Group>
        </form>
      ) : board.kind === 'cat1' ? (
        <a className={css.fine} href={`#/monitor?port=${encodeURIComponent(board.address)}&panel=at`}>
          {t('at.console')}
        </a>
      ) : (
        <span className={css.fine}>
          {t('talk.noFirmware')} <a href={`#/flash?port=${encodeURIComponent(board.address)}`}>{t('talk.flashIt')}</a>
        </span>
      )}
    </div>
  );
}
