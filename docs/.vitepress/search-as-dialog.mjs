// @ts-check
/**
 * The theme calls its search a button, and its results options, with buttons and links in them, which no screen reader can
 * make sense of: it is a dialog, and its results are a list of links.
 * https://github.com/vuejs/vitepress/blob/v1.6.4/src/client/theme-default/components/VPLocalSearchBox.vue
 * @type {[given: RegExp, better: string][]}
 */
const changes = [
  [
    /role="button"\s+:aria-owns="[^"]+"\s+aria-expanded="true"\s+aria-haspopup="listbox"\s+aria-labelledby="[^"]+"/,
    'role="dialog" aria-modal="true" aria-label="Search"',
  ],
  [
    /:aria-activedescendant="[^"]+"\s+aria-autocomplete="both"\s+:aria-controls="[^"]+"\s+aria-labelledby="[^"]+"/,
    'aria-label="Search"',
  ],
  [
    /:role="results\?\.length \? 'listbox' : undefined"\s+:aria-labelledby="[^"]+"/,
    'aria-label="Results"',
  ],
  [/:aria-selected="[^"]+"\s+role="option"/, ''],
  [/:aria-label="\[\.\.\.p\.titles, p\.title\][^"]+"/, ''],
  [/<kbd :aria-label/g, '<kbd role="img" :aria-label'],
];

/** @returns {NonNullable<NonNullable<import('vitepress').UserConfig['vite']>['plugins']>[number]} */
export function searchAsDialog() {
  return {
    name: 'search-as-dialog',
    enforce: 'pre',
    transform(text, id) {
      if (!id.endsWith('VPLocalSearchBox.vue')) return undefined;
      let changed = text;
      for (const [given, better] of changes) {
        if (changed.search(given) < 0)
          throw new Error(`The search of VitePress has no ${given} any more`);
        changed = changed.replace(given, better);
      }
      return changed;
    },
  };
}
