import { Autocomplete, Button, Checkbox, Select, TextInput } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { checkVoice } from '../../../../preload/contract/checks.ts';
import { goTo } from '../../../lib/location.ts';
import { useCheckLists } from '../check-streams.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import { BoardChoice } from './board-choice.tsx';
import { likeliest, listFor } from './candidates.ts';
import { OnlySome } from './only-some.tsx';
import css from './start.module.css';
import { useChosen, useStation } from './start-choices.ts';
import { useCandidates } from './use-candidates.ts';
import { useStart } from './use-start.ts';

/** Which boards, by which list, and who is there. What is likeliest is chosen already. */
export function StartForm() {
  const { t } = useTranslation();
  const candidates = useCandidates();
  const words = useCheckWords();
  const lists = useCheckLists();
  const { keys, serialNumbers, only } = useChosen();
  const { listId, operator, voice, isUnattended, boardKind } = useStation();
  const { start, isBusy } = useStart();
  const likely = likeliest(candidates ?? [])?.key;
  const ticked = keys ?? (likely === undefined ? [] : [likely]);
  const boards = (candidates ?? []).filter(({ key, runId }) => runId === null && ticked.includes(key));
  const kind = boards[0]?.kind ?? '';
  const list = lists?.find(({ id }) => id === listId) ?? listFor(lists ?? [], kind === '' ? boardKind : kind);
  const kinds = [...new Set((lists ?? []).flatMap(({ boardKinds }) => boardKinds))].sort();

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (list === undefined || boards.length === 0) return;
    const ports = boards.flatMap(({ address }) => address ?? []);
    if (ports.length > 0) useStation.setState({ ports });
    const begun = await start({ list: { id: list.id }, boards, serialNumberOf: ({ key }) => serialNumbers[key] ?? '', only });
    if (begun[0] === undefined) return;
    useChosen.setState({ keys: null, serialNumbers: {} });
    goTo(`/checks?run=${encodeURIComponent(begun[0])}`);
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={shared.scroll} tabIndex={0} aria-labelledby="checks-start">
      <form className={css.start} onSubmit={(event) => void onSubmit(event)}>
        <h1 id="checks-start">{t('checks.start.title')}</h1>
        <BoardChoice candidates={candidates} ticked={ticked} example={list?.serialNumber?.example ?? null} />
        <div className={css.fields}>
          <Select
            label={t('checks.start.list')}
            placeholder={t('checks.start.noLists')}
            allowDeselect={false}
            value={list?.id ?? null}
            description={list === undefined ? ' ' : t('checks.start.listChecks', { count: list.checkCount })}
            data={(lists ?? []).map((each) => ({ value: each.id, label: words.list(each) }))}
            onChange={(id) => {
              useStation.setState({ listId: id });
              useChosen.setState({ only: null });
            }}
          />
          <Autocomplete
            label={t('checks.start.boardKind')}
            description={t('checks.start.boardKindHint')}
            value={kind === '' ? boardKind : kind}
            readOnly={kind !== ''}
            variant={kind === '' ? 'default' : 'filled'}
            data={kinds}
            maxLength={60}
            onChange={(value) => useStation.setState({ boardKind: value })}
          />
          <TextInput
            label={t('checks.start.operator')}
            description=" "
            value={operator}
            maxLength={100}
            autoComplete="off"
            onChange={(event) => useStation.setState({ operator: event.currentTarget.value })}
          />
          <Select
            label={t('checks.start.voice')}
            description={t(`checks.start.voiceHint.${voice}`)}
            allowDeselect={false}
            value={voice}
            data={checkVoice.options.map((value) => ({ value, label: t(`checks.start.voices.${value}`) }))}
            onChange={(value) => value !== null && useStation.setState({ voice: value })}
          />
        </div>
        <Checkbox
          label={t('checks.start.unattended')}
          description={t('checks.start.unattendedHint')}
          checked={isUnattended}
          onChange={(event) => useStation.setState({ isUnattended: event.currentTarget.checked })}
        />
        {list !== undefined && <OnlySome key={list.id} list={list} />}
        <div className={css.startBar}>
          <Button
            type="submit"
            size="md"
            loading={isBusy}
            disabled={list === undefined || boards.length === 0 || only?.length === 0}
            leftSection={<IconPlayerPlay size={18} aria-hidden />}
          >
            {boards.length > 1 ? t('checks.start.startMany', { count: boards.length }) : t('checks.start.startOne')}
          </Button>
          {boards.length === 0 && candidates !== null && candidates.length > 0 && (
            <span className="quiet">{t('checks.start.chooseBoard')}</span>
          )}
        </div>
      </form>
    </section>
  );
}
