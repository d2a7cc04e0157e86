// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { bothLanguages } from './both-languages.mjs';
import { outOfTheSite } from './links.mjs';
import { pictureSizes } from './picture-sizes.mjs';
import { searchAsDialog } from './search-as-dialog.mjs';
import { sidebar } from './sidebar.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const repository = manifest.repository.url.replace(/^git\+(.*)\.git$/, '$1');

export default defineConfig({
  title: 'Outlive',
  description: manifest.description,
  lang: 'en',
  base: '/outlive/',
  cleanUrls: true,
  // A dead link fails the build.
  ignoreDeadLinks: false,
  srcExclude: ['README.md'],
  head: [['link', { rel: 'icon', href: '/outlive/favicon.svg', type: 'image/svg+xml' }]],
  markdown: {
    config(markdown) {
      outOfTheSite(markdown, repository);
      pictureSizes(markdown);
    },
    // As GitHub has them, so that links to a place on a page hold in both.
    anchor: {
      slugify: (text) =>
        text
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}\p{Pc}\- ]/gu, '')
          .replaceAll(' ', '-'),
    },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  // The theme tells its bar of the sidebar in the browser only, and the bar moves: here it knows from the beginning.
  transformHtml: (html) =>
    html.includes('class="VPContent has-sidebar"')
      ? html.replace('<div class="VPNavBar"', '<div class="VPNavBar has-sidebar"')
      : undefined,
  // Fonts come from the system: no page asks another host for anything.
  vite: { plugins: [bothLanguages(), searchAsDialog()], build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Guides', link: '/guides/express' },
      ...(existsSync(`${here}/../reference/index.md`)
        ? [{ text: 'Reference', link: '/reference/' }]
        : []),
      { text: 'Troubleshooting', link: '/troubleshooting' },
    ],
    sidebar,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          searchOptions: {
            fuzzy: 0.2,
            prefix: true,
            boost: { title: 4, text: 2, titles: 1 },
            // What explains comes before what lists.
            boostDocument: (/** @type {string} */ id) => (id.includes('/reference/') ? 0.2 : 1),
          },
        },
      },
    },
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/docs/:path`, text: 'Improve this page' },
    footer: { message: 'Apache-2.0' },
  },
});
