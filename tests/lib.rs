//! Nothing here: the tests stand in folders beside this file.
