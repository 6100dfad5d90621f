from kit.start import main

if __name__ == "__main__":
    main("reporting")
