/** The main module of a program that is preloaded. */
