import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { browserTimeout, describeBrowser } from '../support/browser.ts';
import { Shop } from '../support/shop.ts';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

describeBrowser('The page in a browser', (launch) => {
  let browser: Browser;
  let shop: Shop;
  let page: Page;
  /** What the browser complained of: errors of scripts, and what the policy of the page forbids. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await launch();
  }, browserTimeout);

  afterAll(async () => {
    await browser.close();
  });

  beforeEach(async () => {
    shop = await Shop.open();
    complaints = [];
    page = await open({});
  });

  afterEach(async () => {
    await page.context().close();
    await shop.close();
    if (complaints.length > 0) throw new Error(`The browser complains: ${complaints.join('\n')}`);
  });

  async function open(options: Parameters<Browser['newContext']>[0]): Promise<Page> {
    const context = await browser.newContext(options);
    const opened = await context.newPage();
    opened.on('pageerror', (error) => complaints.push(String(error)));
    opened.on('console', (message) => {
      // That a server which is restarted does not answer, is what one of the tests is about.
      if (message.type() === 'error' && !message.text().includes('Failed to load resource')) {
        complaints.push(message.text());
      }
    });
    opened.setDefaultTimeout(60_000);
    await opened.goto(shop.address);
    await opened.getByText('Live', { exact: true }).waitFor();
    return opened;
  }

  const row = (name: string) => page.getByRole('row').filter({ hasText: name });

  it('shows a job appear, with its request, and finish', async () => {
    await page.getByText('Nothing is pending, nothing runs.').waitFor();
    await shop.order('/receipt');
    await row('receipt').getByText('Running').waitFor();
    await row('receipt').getByText('POST /receipt').waitFor();
    shop.endJobs();
    await row('receipt').waitFor({ state: 'detached' });
  });

  it('cancels a job, after asking once more', async () => {
    await shop.order('/receipt');
    await page.getByRole('button', { name: /^Cancel receipt #1$/ }).click();
    expect(shop.web.activeCount).toBe(1);
    await page.getByRole('button', { name: 'Really cancel receipt #1?' }).click();
    await page.getByText('Cancelled receipt #1').waitFor();
    await until(() => shop.web.activeCount === 0);
    await row('receipt').waitFor({ state: 'detached' });
  });

  it('pauses and resumes a scheduler', async () => {
    const web = page.getByRole('region', { name: 'web', exact: true });
    await web.getByRole('button', { name: 'Pause' }).click();
    await web.getByText('Paused').waitFor();
    await shop.order('/receipt');
    await row('receipt').getByText('Pending').waitFor();
    await web.getByRole('button', { name: 'Resume' }).click();
    await row('receipt').getByText('Running').waitFor();
  });

  it('changes the limit, and says why it does not', async () => {
    const web = page.getByRole('region', { name: 'web', exact: true });
    await web.getByLabel('Limit').fill('7');
    await web.getByRole('button', { name: 'Set' }).click();
    await web.getByText('of 7').waitFor();
    expect(shop.web.limit).toBe(7);
    await web.getByLabel('Limit').fill('-1');
    await web.getByLabel('Limit').press('Enter');
    await page.getByText(/Not done: Expected `limit`/).waitFor();
    expect(shop.web.limit).toBe(7);
  });

  it('keeps what is typed while the limit is being set', async () => {
    const answered = deferred();
    await page.route('**/actions', async (route) => {
      const response = await route.fetch();
      await answered.promise;
      await route.fulfill({ response });
    });
    const web = page.getByRole('region', { name: 'web', exact: true });
    await web.getByLabel('Limit').fill('7');
    await web.getByRole('button', { name: 'Set' }).click();
    await web.getByText('of 7').waitFor();
    await web.getByLabel('Limit').fill('9');
    answered.resolve();
    await page.getByText('the limit is 7 now').waitFor();
    expect(await web.getByLabel('Limit').inputValue()).toBe('9');
  });

  it('retries a stored job that has failed, whose payload and error it shows', async () => {
    const stored = page.getByRole('region', { name: 'Stored jobs of payments' });
    await stored.getByText('Error: The card was declined', { exact: true }).click();
    await stored.getByText('"fails": true').waitFor();
    await stored.getByRole('button', { name: /^Retry charge/ }).click();
    await until(() => shop.charges === 2);
    await stored.getByText('No stored job has failed.').waitFor();
  });

  it('shows which stored names are paused, pauses one and has it go on', async () => {
    await shop.jobs.pause('charge');
    const stored = page.getByRole('region', { name: 'Stored jobs of payments' });
    await stored.getByText('Paused').waitFor();
    await stored.getByRole('button', { name: 'Resume charge in all processes' }).click();
    await stored.getByText('Paused').waitFor({ state: 'detached' });
    expect((await shop.jobs.depth())['charge']?.paused).toBeUndefined();
    const pause = stored.getByRole('button', { name: /ause charge in all processes/ });
    await pause.click();
    await pause.click();
    await stored.getByText('Paused').waitFor();
    expect((await shop.jobs.depth())['charge']?.paused).toBe(true);
  });

  it('says when it is let in no more, and when it is again', async () => {
    shop.isOpen = false;
    shop.cut();
    await page.getByText('The server does not let you in any more').waitFor();
    shop.isOpen = true;
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('connects again after a restart of the server, and still can act', async () => {
    await shop.restart(async () => {
      await page.getByText('The server does not answer.').waitFor();
    });
    await page.getByText('Live', { exact: true }).waitFor();
    await shop.order('/receipt');
    await row('receipt').waitFor();
    // Elsewhere a note says so as well.
    const web = page.getByRole('region', { name: 'web', exact: true });
    await web.getByRole('button', { name: 'Pause' }).click();
    await web.getByText('Paused').waitFor();
  });

  it('finds jobs by name and state, also after the page was loaded again', async () => {
    for (const path of ['/alpha', '/beta', '/gamma']) await shop.order(path);
    await row('gamma').getByText('Pending').waitFor();
    await page.getByRole('searchbox').fill('BET');
    await row('alpha').waitFor({ state: 'detached' });
    await page.reload();
    await row('beta').waitFor();
    await page.getByRole('searchbox').fill('');
    await page.getByRole('radio', { name: /^Pending/ }).check({ force: true });
    await row('beta').waitFor({ state: 'detached' });
    await row('gamma').waitFor();
  });

  it('shows hostile names as text', async () => {
    await shop.order(`/${encodeURIComponent('<img src=x onerror="window.hit=1">')}`);
    await shop.order(`/${encodeURIComponent('evil\u202egnp')}`);
    await row('<img src=x onerror="window.hit=1">').waitFor();
    await row('evil\\u202egnp').waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.evaluate('window.hit')).toBeUndefined();
  });

  it('can be used by the keyboard alone', async () => {
    await shop.order('/receipt');
    await row('receipt').waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Skip to the live jobs' }).press('Enter');
    await page.getByRole('button', { name: 'Cancel receipt #1' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await row('receipt').waitFor({ state: 'detached' });
  });

  it.each([
    ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
    ['dark, on a phone', { colorScheme: 'dark', viewport: { width: 375, height: 800 } }],
  ] as const)('is accessible: %s', async (_how, options) => {
    await page.context().close();
    page = await open(options);
    await shop.order('/receipt');
    for (let i = 0; i < 3; i += 1) await shop.order(`/report-${i}`);
    await row('report-2').getByText('Pending').waitFor();
    await page
      .getByRole('region', { name: 'Recent failures' })
      .getByText('charge', { exact: true })
      .click();
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    // Past the policy of the page, which lets no other script in.
    await page.evaluate(axe);
    const found = (await page.evaluate('axe.run()')) as {
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
    };
    const serious = found.violations.filter(({ impact }) => /serious|critical/.test(impact));
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});
