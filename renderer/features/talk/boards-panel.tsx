import { ActionIcon, CopyButton, FileButton, Group, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconMicrophone, IconPlayerStopFilled, IconTerminal2, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VirtualBoard } from '../../../preload/contract/boards.ts';
import { useAction } from '../../lib/actions.ts';
import { readFile } from '../../lib/files.ts';
import { useBoards } from '../../lib/streams.ts';
import { BrowserAudio } from './browser-audio.tsx';
import { StartBoard } from './start-board.tsx';
import css from './talk.module.css';

export function BoardsPanel() {
  const { t } = useTranslation();
  const boards = useBoards() ?? [];
  return (
    <section className={css.group} aria-labelledby="boards-title">
      <h2 id="boards-title">{t('talk.boards')}</h2>
      {boards.map((board) => (
        <BoardCard key={board.name} board={board} />
      ))}
      <BrowserAudio />
      <StartBoard boards={boards} />
    </section>
  );
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
