/** Style sheets are taken in by the build, not by the language. */
declare module "*.css";
