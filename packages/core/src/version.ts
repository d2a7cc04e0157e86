/** That of package.json, which all packages of this family share. */
export const version = '0.1.0';
