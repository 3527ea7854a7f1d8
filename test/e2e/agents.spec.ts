import { fakeOpenAi } from '../fakes/services/openai.ts';
import { expect, test } from './fixtures.ts';
import { AgentsPage } from './pages/agents-page.ts';
import { EnginesPage } from './pages/engines-page.ts';
import { TalkPage } from './pages/talk-page.ts';

const key = 'sk-loopback-only';

test('an engine is set up and tried, an agent made of it and given to a product, and a board answers with it', async ({ lab }) => {
  await using service = await fakeOpenAi({ key, reply: (text) => ['You said ', `“${text}”. `, '<b>This</b> is the loopback model.'] });
  const talk = new TalkPage(lab);
  const engines = new EnginesPage(lab);
  const agents = new AgentsPage(lab);

  await test.step('a virtual board connects and is greeted', async () => {
    await talk.open();
    await talk.startBoard('bench');
    await expect(talk.transcript).toContainText('Hello, how can I help you?', { timeout: 60_000 });
  });

  await test.step('a profile with a wrong key says so when it is tried', async () => {
    await engines.open();
    await engines.newProfile('Language model');
    await engines.fill({ Name: 'Loopback', Address: `${service.origin}/v1`, Model: 'loopback-1', Key: 'sk-wrong' });
    await engines.save();
    await expect(lab.getByRole('heading', { name: 'Loopback' })).toBeVisible();
    await engines.test();
    await expect(engines.report).toHaveAttribute('data-outcome', 'failed');
    await expect(engines.report).toContainText('engine/unauthorized');
    await expect(lab.locator('body')).not.toContainText('sk-wrong');
  });

  await test.step('with the right key it answers, and the key is never shown again', async () => {
    await engines.fill({ Key: key });
    await engines.save();
    const secret = lab.getByRole('textbox', { name: /^Key/ });
    await expect(secret).toHaveValue('');
    await expect(secret).toHaveAttribute('placeholder', /stored/);
    await engines.test();
    await expect(engines.report).toHaveAttribute('data-outcome', 'ok');
    await expect(engines.report).toContainText('loopback model');
    expect(await lab.content()).not.toContain(key);
  });

  await test.step('an agent says which engine it thinks with; everything else it inherits', async () => {
    await agents.open();
    await agents.newAgent('Loopback agent');
    await expect(agents.setting('engines.llm')).toContainText('default');
    await agents.choose('engines.llm', /^loopback/);
    await expect(agents.setting('engines.llm')).toContainText('said here');
    await expect(lab.getByText('Said here (1)')).toBeVisible();
  });

  await test.step('the board is given the agent, and its engine comes from there', async () => {
    await agents.show('bench');
    await agents.assign('Loopback agent');
    await expect(agents.setting('engines.llm')).toContainText('from the agent');
  });

  await test.step('the next turn is answered by it, as text and not as HTML, with its latency in parts', async () => {
    await talk.open();
    await talk.ask('are you there');
    const turn = talk.turn('are you there');
    await expect(turn).toContainText('You said “are you there”.', { timeout: 60_000 });
    await expect(turn.locator('b', { hasText: 'This' })).toHaveCount(0);
    await expect(turn.getByTestId('latency')).toContainText('LLM first token', { timeout: 60_000 });
    expect(service.exchanges.at(-1)?.body).toContain('are you there');
  });

  await test.step('a service that refuses is a card with everything to quote', async () => {
    service.behave('rate-limited');
    await talk.ask('and now');
    const card = talk.transcript.getByRole('alert').last();
    await expect(card).toContainText('engine/rate-limited', { timeout: 60_000 });
    await expect(card).toContainText('Task');
    await expect(card).toContainText('Product code');
    await card.getByRole('button', { name: 'Copy' }).click();
    const copied = () => lab.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toContain('engine/rate-limited');
    expect(await copied()).not.toContain(key);
  });
});
