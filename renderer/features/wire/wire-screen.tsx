import { Button, Checkbox, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconArrowDown, IconFilterOff, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { useDelayedText } from '../../lib/delayed-text.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { useDevices } from '../../lib/streams.ts';
import { useToasts } from '../../lib/toasts.ts';
import css from './wire.module.css';
import { WireDetails } from './wire-details.tsx';
import { channels, gateways, useWireFilter } from './wire-filter.ts';
import { WireList } from './wire-list.tsx';
import { useWireMessages } from './wire-messages.ts';

/** Every message between boards, apps, backends and the bench, decoded, as it comes. */
export function WireScreen() {
  const { t } = useTranslation();
  const { run } = useAction();
  const show = useToasts((state) => state.show);
  const { filter, selectedId, change, clear } = useWireFilter();
  const wire = useWireMessages(filter);
  const devices = useDevices() ?? [];
  const [isFollowing, setFollowing] = useState(true);
  const find = useRef<HTMLInputElement>(null);
  const typed = useDelayedText(filter.contains ?? '', (text) => change({ find: text === '' ? null : text }));
  const pauseOrResume = (): void => wire.pause(!wire.isPaused);
  const select = (id: number): void => change({ message: String(id) });
  const closeDetails = (): void => {
    change({ message: null });
    document.getElementById('wire-list')?.focus();
  };

  async function copy(id: number): Promise<void> {
    const message = await run('wire.get', { id });
    if (message === null) return;
    await navigator.clipboard.writeText(message.text ?? '');
    show({ kind: 'done', text: t('frame.copied') });
  }

  useShortcuts({ '/': () => find.current?.focus(), Space: pauseOrResume, Escape: closeDetails });
  const isFiltered = Object.keys(filter).length > 0;
  const deviceIds = [...new Set([...devices.map(({ productId, deviceName }) => `${productId}_${deviceName}`), filter.deviceId ?? ''])];

  return (
    <div className={css.screen}>
      <div className={css.bar} role="toolbar" aria-label={t('wire.filter')}>
        <TextInput
          ref={find}
          w={150}
          size="xs"
          placeholder={t('wire.find')}
          aria-label={t('wire.find')}
          value={typed.text}
          onChange={(event) => typed.type(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && typed.flush()}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('wire.way')}
          value={filter.direction ?? 'both'}
          onChange={(next) => change({ direction: next === 'both' ? null : next })}
          data={[
            { value: 'both', label: t('wire.both') },
            { value: 'up', label: `↑ ${t('wire.up')}` },
            { value: 'down', label: `↓ ${t('wire.down')}` },
          ]}
        />
        <MultiSelect
          w={170}
          size="xs"
          clearable
          placeholder={filter.gateways === undefined ? t('wire.allClouds') : ''}
          aria-label={t('wire.cloud')}
          value={filter.gateways ?? []}
          data={[...gateways]}
          onChange={(next) => change({ gateway: next.length === 0 ? null : next.join(',') })}
        />
        <MultiSelect
          w={150}
          size="xs"
          clearable
          placeholder={filter.channels === undefined ? t('wire.allChannels') : ''}
          aria-label={t('wire.channel')}
          value={filter.channels ?? []}
          data={[...channels]}
          onChange={(next) => change({ channel: next.length === 0 ? null : next.join(',') })}
        />
        <Select
          w={140}
          size="xs"
          clearable
          searchable
          placeholder={t('wire.allDevices')}
          aria-label={t('wire.device')}
          value={filter.deviceId ?? null}
          data={deviceIds.filter((each) => each !== '')}
          onChange={(next) => change({ device: next })}
        />
        <Checkbox
          size="xs"
          label={t('wire.unknownOnly')}
          checked={filter.isUnknown === true}
          onChange={(event) => change({ unknown: event.currentTarget.checked ? '1' : null })}
        />
        {filter.conversationId !== undefined && (
          <Button size="compact-xs" variant="light" onClick={() => change({ conversation: null })}>
            {t('wire.conversation')} {filter.conversationId.slice(0, 8)} ✕
          </Button>
        )}
        {isFiltered && (
          <Button size="compact-sm" variant="subtle" px={6} aria-label={t('wire.showAll')} title={t('wire.showAll')} onClick={clear}>
            <IconFilterOff size={15} aria-hidden />
          </Button>
        )}
        <span className={css.grow} />
        <span className="quiet">{t('wire.count', { count: wire.messages.length })}</span>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={wire.isPaused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
          onClick={pauseOrResume}
        >
          {wire.isPaused ? (wire.heldBack === 0 ? t('wire.resume') : t('wire.resumeWith', { count: wire.heldBack })) : t('wire.pause')}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          title={t('wire.clearHint')}
          leftSection={<IconTrash size={14} />}
          onClick={() => {
            void run('wire.clear', {});
            wire.clear();
            change({ message: null });
          }}
        >
          {t('wire.clear')}
        </Button>
      </div>
      <div className={css.body} data-split={selectedId !== null || undefined}>
        <div className={css.left}>
          {wire.hasOlder && wire.messages.length > 0 && (
            <button
              type="button"
              className={css.older}
              onClick={() => {
                setFollowing(false);
                void wire.readOlder();
              }}
            >
              {t('wire.older')}
            </button>
          )}
          {wire.messages.length === 0 ? (
            <div className={css.empty}>
              <p>{t(isFiltered ? 'wire.noneMatch' : 'wire.none')}</p>
              {isFiltered ? (
                <Button size="xs" variant="default" onClick={clear}>
                  {t('wire.showAll')}
                </Button>
              ) : (
                <p className="quiet">{t('wire.noneHint')}</p>
              )}
            </div>
          ) : (
            <WireList
              messages={wire.messages}
              selectedId={selectedId}
              isFollowing={isFollowing && selectedId === null}
              onSelect={select}
              onFollow={setFollowing}
              onCopy={(id) => void copy(id)}
            />
          )}
        </div>
        {!isFollowing && wire.messages.length > 0 && (
          <Button
            className={css.newest}
            size="compact-sm"
            variant="default"
            leftSection={<IconArrowDown size={13} aria-hidden />}
            onClick={() => {
              change({ message: null });
              setFollowing(true);
            }}
          >
            {t('wire.newest')}
          </Button>
        )}
        {selectedId !== null && <WireDetails key={selectedId} id={selectedId} onClose={closeDetails} />}
      </div>
    </div>
  );
}
